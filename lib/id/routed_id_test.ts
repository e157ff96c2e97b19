import { expect, test } from "bun:test";

import { isId } from "./id.ts";
import { isRoutingKey, newRoutedId } from "./routed_id.ts";

test("ids end in their routing key, are ids, and no two are the same, also in one millisecond", () => {
  const ids = Array.from({ length: 10_000 }, () => newRoutedId("042", 1_700_000_000_000));
  expect(new Set(ids).size).toBe(10_000);
  expect(ids.every((id) => isId(id) && id.endsWith("042"))).toBe(true);
});

test("ids of later times are greater", () => {
  const ids = Array.from({ length: 100 }, (_, i) => newRoutedId("999", 1_700_000_000_000 + i));
  expect(ids.toSorted()).toEqual(ids);
});

test.each(["", "1", "12", "1234", "abc", "12a", " 12", "123\n", "١٢٣", "../"])("%j is no routing key", (text) => {
  expect(isRoutingKey(text)).toBe(false);
  expect(() => newRoutedId(text)).toThrow(RangeError);
});
