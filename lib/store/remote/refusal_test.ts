import { expect, test } from "bun:test";

import { AppError } from "../../errors/mod.ts";
import { asAppError, isPassing, RefusedError, refusalOf } from "./refusal.ts";

/** As the SDK's errors look. */
const refused = (httpStatusCode: number, name = "Name") =>
  Object.assign(new Error("refused"), { name, $metadata: { httpStatusCode } });
const broken = Object.assign(new Error("ECONNRESET"), { code: "ECONNRESET", $metadata: { attempts: 1 } });

test("reads what the store said, and that it said nothing", () => {
  expect(refusalOf(refused(404, "NoSuchKey"))).toEqual({ status: 404, name: "NoSuchKey" });
  expect(refusalOf(new RefusedError({ status: 403, name: "AccessDenied" }, "no"))).toEqual({ status: 403, name: "AccessDenied" });
  expect(refusalOf(broken)).toBeNull();
  expect(refusalOf("text")).toBeNull();
});

test.each([408, 409, 429, 500, 502, 503, 504])("%i passes", (status) => {
  expect([isPassing(refused(status), 1), isPassing(refused(status), 2)]).toEqual([true, true]);
  expect(asAppError(refused(status), "x")).toMatchObject({ code: "unavailable", retryAfterSeconds: 5 });
});

test("a body that the store gave up waiting for passes, though it is 400", () => {
  expect(isPassing(refused(400, "RequestTimeout"), 2)).toBe(true);
});

test("a broken connection passes", () => {
  expect(isPassing(broken, 3)).toBe(true);
  expect(asAppError(broken, "putting a")).toMatchObject({ code: "unavailable", cause: broken });
});

test("403 is asked about once more, and is an outage to whoever asked", () => {
  expect([isPassing(refused(403), 1), isPassing(refused(403), 2)]).toEqual([true, false]);
  expect(asAppError(refused(403, "AccessDenied"), "x")).toMatchObject({ code: "unavailable" });
});

test.each([400, 405, 411, 416, 501])("%i does not pass, and is a fault of this program", (status) => {
  expect(isPassing(refused(status), 1)).toBe(false);
  expect(asAppError(refused(status, "Odd"), "putting a")).toMatchObject({
    code: "internal",
    message: `putting a: the object store answers ${status} Odd`,
  });
});

test("what is the port's own error already stays it", () => {
  const lost = new AppError("content-lost", "gone");
  expect(asAppError(lost, "x")).toBe(lost);
  expect(isPassing(lost, 1)).toBe(false);
  expect(isPassing(new AppError("unavailable", "late"), 1)).toBe(true);
});
