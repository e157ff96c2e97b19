import { expect, test } from "bun:test";

import { redact } from "./redact.ts";

test("replaces secrets at any of four levels", () => {
  const fields = {
    password: "p",
    user: "u",
    request: {
      headers: { authorization: "Bearer t", Authorization: "Bearer t", host: "h" },
      body: { token: "t", refreshToken: "r" },
    },
  };
  expect(redact(fields)).toEqual({
    password: "[redacted]",
    user: "u",
    request: {
      headers: { authorization: "[redacted]", Authorization: "[redacted]", host: "h" },
      body: { token: "[redacted]", refreshToken: "[redacted]" },
    },
  });
  expect(fields.request.headers.authorization).toBe("Bearer t");
});

test("gives fields without secrets back uncopied, and ends on a ring", () => {
  const ring: Record<string, unknown> = { err: new Error("e"), at: new Date(), list: [1], tokens: 3 };
  ring["ring"] = ring;
  expect(redact(ring)).toBe(ring);
});
