import { describe, expect, test } from "bun:test";

import { ProblemError } from "./problem_error.ts";

describe("ProblemError.parse", () => {
  test("takes detail and code of a problem document", () => {
    const error = ProblemError.parse(
      409,
      JSON.stringify({ title: "Conflict", detail: "The name is taken.", code: "name-taken" }),
      null,
    );
    expect(error).toMatchObject({ status: 409, code: "name-taken", message: "The name is taken.", retryAfterMs: undefined });
  });

  test("says the status when a proxy answered in HTML", () => {
    expect(ProblemError.parse(502, "<h1>Bad Gateway</h1>", null)).toMatchObject({ code: "", message: "The drive answered 502." });
  });

  test("reads Retry-After in seconds and as a date", () => {
    expect(ProblemError.parse(429, "", "3").retryAfterMs).toBe(3000);
    const inAMinute = new Date(Date.now() + 60_000).toUTCString();
    expect(ProblemError.parse(503, "", inAMinute).retryAfterMs).toBeGreaterThan(50_000);
    expect(ProblemError.parse(503, "", "soon").retryAfterMs).toBeUndefined();
  });
});
