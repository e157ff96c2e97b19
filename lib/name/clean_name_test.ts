import { expect, test } from "bun:test";

import * as fc from "fast-check";

import { cleanName } from "./clean_name.ts";
import { nameFault } from "./name_fault.ts";

test.each([
  ["a.txt", "a.txt"],
  ["/etc/passwd", "passwd"],
  ["..\\..\\boot.ini", "boot.ini"],
  ["a\r\nSet-Cookie: x=1", "aSet-Cookie: x=1"],
  ["gpj.\u202Eexe", "gpj.exe"],
  ["  a b  ", "a b"],
  ["日本.pdf", "日本.pdf"],
  ["e\u0301", "\u00E9"],
  ["a\uD800b", "a\uFFFDb"],
])("%j becomes %j", (text, name) => {
  expect(cleanName(text)).toBe(name);
});

test.each(["", "/", "a/", ".", "..", "\u0000", " \u2028 "])("nothing is left of %j", (text) => {
  expect(cleanName(text)).toBeNull();
});

test("a long one keeps its extension", () => {
  const name = cleanName(`${"😀".repeat(300)}.tar`);
  expect(Array.from(name ?? "")).toHaveLength(255);
  expect(name).toEndWith("😀.tar");
});

test("whatever is left can be a name", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 400 }), (text) => {
      const name = cleanName(text);
      expect(name === null ? undefined : nameFault(name)).toBeUndefined();
    }),
  );
});
