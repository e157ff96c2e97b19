import { expect, test } from "bun:test";

import { requestIdOf } from "./request_id.ts";

test("a request is called as its client says, where that has a sane shape", () => {
  for (const given of ["request-0001", "a".repeat(64), "01_-AZaz"]) expect(requestIdOf(given)).toBe(given);
});

test("else no two are called the same, and each has the shape that is taken of others", () => {
  const given = [null, "", "short", "a".repeat(65), "with space", "line\nfeed", "ünicode-id"];
  const ids = given.map(requestIdOf);
  expect(new Set(ids).size).toBe(ids.length);
  for (const [i, id] of ids.entries()) {
    expect(id).not.toBe(given[i] ?? "");
    expect(requestIdOf(id)).toBe(id);
  }
});
