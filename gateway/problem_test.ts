import { expect, test } from "bun:test";

import { HTTPException } from "hono/http-exception";

import { AppError } from "#lib/errors/mod.ts";

import { asAppError, problemResponse } from "./problem.ts";

test("is a document of RFC 9457, with the request's id", async () => {
  const response = problemResponse(new AppError("incomplete", "two are missing", { extra: { missing: [1, 2] } }), "request-1");
  expect(response.status).toBe(409);
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  expect(response.headers.get("cache-control")).toBe("no-store");
  expect(await response.json()).toEqual({
    type: "/docs#incomplete",
    title: "Chunks are missing",
    status: 409,
    detail: "two are missing",
    code: "incomplete",
    instance: "request-1",
    missing: [1, 2],
  });
});

test("what nobody foresaw tells nothing of itself", async () => {
  for (const thrown of [new Error("SELECT secret FROM users"), new TypeError("x is undefined"), "text", null, { secret: 1 }]) {
    const error = asAppError(thrown);
    expect(error).toMatchObject({ code: "internal", cause: thrown });
    const text = await problemResponse(error, "request-1").text();
    expect(text).not.toMatch(/secret|undefined|text|stack/);
    expect(JSON.parse(text)).toMatchObject({ status: 500, code: "internal", instance: "request-1" });
  }
});

test("a cause is told to nobody, of whatever code", async () => {
  for (const code of ["unavailable", "content-lost", "no-space", "not-found"] as const) {
    const cause = new Error("/var/lib/secret");
    expect(await problemResponse(new AppError(code, "no", { cause }), "r").text()).not.toContain("secret");
  }
});

test("knows a full disk, our own errors, and what the framework refuses", () => {
  expect(asAppError(Object.assign(new Error("write"), { code: "ENOSPC" })).code).toBe("no-space");
  expect(asAppError(new Error("outer", { cause: Object.assign(new Error("x"), { code: "SQLITE_FULL" }) })).code).toBe("no-space");
  const own = new AppError("not-found", "no");
  expect(asAppError(own)).toBe(own);
  expect(asAppError(new HTTPException(400, { message: "Malformed JSON" })).code).toBe("invalid-request");
  expect(asAppError(new HTTPException(500, { message: "secret" }))).toMatchObject({ code: "internal" });
});

test("401 names the scheme, and the error only where a token was sent (RFC 6750, section 3)", () => {
  const challenge = (error: AppError) => problemResponse(error, "r").headers.get("www-authenticate");
  expect(challenge(new AppError("unauthorized", "none sent"))).toBe('Bearer realm="sluice"');
  expect(challenge(new AppError("unauthorized", "expired", { cause: new Error("exp") }))).toBe(
    'Bearer realm="sluice", error="invalid_token"',
  );
  expect(challenge(new AppError("bad-credentials", "no"))).toBe('Bearer realm="sluice"');
  expect(challenge(new AppError("forbidden", "no"))).toBeNull();
});

test("Retry-After is in whole seconds, rounded up", () => {
  const retryAfter = (seconds: number) =>
    problemResponse(new AppError("unavailable", "no", { retryAfterSeconds: seconds }), "r").headers.get("retry-after");
  expect([retryAfter(0.2), retryAfter(3), retryAfter(3.01)]).toEqual(["1", "3", "4"]);
});
