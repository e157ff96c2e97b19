import { expect, test } from "bun:test";

import { isAppError } from "#lib/errors/mod.ts";

import { checkConditions, rangeApplies } from "./conditions.ts";

const changedAt = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
const validators = { etag: '"abc"', lastModified: changedAt };
const date = (seconds: number) => new Date(changedAt + seconds * 1000).toUTCString();

function outcome(headers: Record<string, string>): string {
  try {
    return checkConditions(new Headers(headers), validators);
  } catch (error) {
    if (isAppError(error)) return error.code;
    throw error;
  }
}

test("nothing asked, nothing refused", () => expect(outcome({})).toBe("go-on"));

test.each([
  ['"abc"', "go-on"],
  ["*", "go-on"],
  ['"x", "abc"', "go-on"],
  ['"x"', "precondition-failed"],
  ['W/"abc"', "precondition-failed"],
  ["abc", "precondition-failed"],
  ["", "precondition-failed"],
])("If-Match: %s is %s", (value, expected) => expect(outcome({ "if-match": value })).toBe(expected));

test.each([
  ['"abc"', "not-modified"],
  ['W/"abc"', "not-modified"],
  ["*", "not-modified"],
  ['"x","abc"', "not-modified"],
  ['"x"', "go-on"],
  ["abc", "go-on"],
])("If-None-Match: %s is %s", (value, expected) => expect(outcome({ "if-none-match": value })).toBe(expected));

test("times count in whole seconds, and only where no tag is asked for", () => {
  expect(outcome({ "if-modified-since": date(0) })).toBe("not-modified");
  expect(outcome({ "if-modified-since": date(-1) })).toBe("go-on");
  expect(outcome({ "if-unmodified-since": date(0) })).toBe("go-on");
  expect(outcome({ "if-unmodified-since": date(-1) })).toBe("precondition-failed");
  expect(outcome({ "if-modified-since": date(9), "if-none-match": '"x"' })).toBe("go-on");
  expect(outcome({ "if-unmodified-since": date(-9), "if-match": '"abc"' })).toBe("go-on");
});

test("the three forms of an HTTP-date are read, and nothing else", () => {
  const since = (value: string) => outcome({ "if-modified-since": value });
  for (const value of ["Fri, 02 Jan 2026 03:04:05 GMT", "Friday, 02-Jan-26 03:04:05 GMT", "Fri Jan  2 03:04:05 2026"]) {
    expect([value, since(value)]).toEqual([value, "not-modified"]);
  }
  for (const value of ["2099-01-01", "2099", "tomorrow", "Fri, 02 Jan 2099", "Fri, 02 Jan 2099 03:04:05 +0100"]) {
    expect([value, since(value)]).toEqual([value, "go-on"]);
  }
});

test("If-Range takes the same tag or the same time", () => {
  const applies = (value: string) => rangeApplies(new Headers({ "if-range": value }), validators);
  expect(rangeApplies(new Headers(), validators)).toBe(true);
  expect([applies('"abc"'), applies('W/"abc"'), applies('"x"'), applies("abc")]).toEqual([true, false, false, false]);
  expect([applies(date(0)), applies(date(1)), applies(date(-1))]).toEqual([true, false, false]);
});
