import { describe, expect, test } from "bun:test";

import { NetworkError } from "./network_error.ts";
import { ProblemError } from "./problem_error.ts";
import { retryDelayMs, withRetry } from "./retry.ts";

const most = { random: () => 0.999_999 };
const least = { random: () => 0 };
const signal = new AbortController().signal;

describe("retryDelayMs", () => {
  test("grows to 30 s, with jitter of a half", () => {
    const delays = [1, 2, 3, 7, 50].map((failures) => Math.round(retryDelayMs(new NetworkError(), failures, most) ?? -1));
    expect(delays).toEqual([500, 1000, 2000, 30_000, 30_000]);
    expect(retryDelayMs(new NetworkError(), 1, least)).toBe(250);
  });

  test("waits at least as long as Retry-After says", () => {
    expect(retryDelayMs(new ProblemError(429, "slow", "slow down", 7000), 1, most)).toBe(7000);
    expect(retryDelayMs(new ProblemError(503, "", "soon", 0), 1, least)).toBe(250);
  });

  test.each([
    [new ProblemError(500, "internal", "x"), true],
    [new ProblemError(422, "checksum-mismatch", "x"), true],
    [new ProblemError(507, "no-space", "x"), false],
    [new ProblemError(404, "no-such-upload", "x"), false],
    [new ProblemError(409, "upload-closed", "x"), false],
    [new DOMException("gone", "NotReadableError"), false],
    ["text", false],
  ])("%p: %p", (error, again) => {
    expect(retryDelayMs(error, 1) !== null).toBe(again);
  });

  test("gives up on answers after eight, on the network only when told to", () => {
    expect(retryDelayMs(new ProblemError(500, "", "x"), 8)).toBeNull();
    expect(retryDelayMs(new NetworkError(), 1000)).not.toBeNull();
    expect(retryDelayMs(new NetworkError(), 3, { networkAttempts: 3 })).toBeNull();
  });
});

describe("withRetry", () => {
  test("answers what the first good attempt answers", async () => {
    const waits: number[] = [];
    let attempts = 0;
    const task = () => (++attempts < 2 ? Promise.reject(new NetworkError()) : Promise.resolve("sent"));
    expect(await withRetry(task, { signal, ...least, onWait: (_, ms) => waits.push(ms) })).toBe("sent");
    expect({ attempts, waits }).toEqual({ attempts: 2, waits: [250] });
  });

  test("a wait ends when the upload is paused", async () => {
    const control = new AbortController();
    const onWait = () => control.abort(new Error("paused"));
    const failing = withRetry(() => Promise.reject(new NetworkError()), { signal: control.signal, onWait });
    await expect(failing).rejects.toThrow("paused");
  });
});
