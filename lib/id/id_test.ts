import { expect, test } from "bun:test";

import { isId, newId } from "./id.ts";

test("each id is greater than every one before, also of the same millisecond", () => {
  const ids = Array.from({ length: 1000 }, () => newId(1_700_000_000_000));
  expect(new Set(ids).size).toBe(1000);
  expect(ids.toSorted()).toEqual(ids);
  expect(ids.every(isId)).toBe(true);
});

test("what is none does not become part of a path", () => {
  for (const text of [
    "",
    "../../etc/passwd",
    newId().toLowerCase(),
    `${newId()}\n`,
    `${newId()}0`,
    newId().slice(1),
    "I".repeat(26),
    "\0".repeat(26),
  ]) {
    expect(isId(text)).toBe(false);
  }
});
