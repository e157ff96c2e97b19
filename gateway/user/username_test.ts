import { expect, setDefaultTimeout, test } from "bun:test";

import * as fc from "fast-check";

import { normaliseUsername } from "./username.ts";

// All of Unicode, on a machine that may be busy.
setDefaultTimeout(300_000);

const name = fc.string({
  unit: fc.oneof(
    fc.constantFrom(...Array.from("abzAZ09._-éßẞİıſΣσςЖжア가Å①ﬁⅣＡªʰ\u0301\u0327")),
    fc.string({ unit: "binary", minLength: 1, maxLength: 1 }),
  ),
  minLength: 1,
  maxLength: 70,
});

test("one name has one spelling", () => {
  fc.assert(
    fc.property(name, (text) => {
      const once = normaliseUsername(text);
      if (once === undefined) return;
      expect(normaliseUsername(once)).toBe(once);
      for (const form of ["NFC", "NFD", "NFKC", "NFKD"]) expect(normaliseUsername(text.normalize(form))).toBe(once);
    }),
    { numRuns: 20_000 },
  );
});

test("every single character is folded to where it stays", () => {
  for (let point = 0; point <= 0x10ffff; point++) {
    const once = normaliseUsername(`ab${String.fromCodePoint(point)}c`);
    if (once !== undefined) expect(normaliseUsername(once)).toBe(once);
  }
});

test("a name has 3 to 64 letters, marks, digits and ._- and nothing else", () => {
  fc.assert(
    fc.property(name, (text) => {
      const once = normaliseUsername(text);
      if (once === undefined) return;
      expect(once).toMatch(/^[\p{L}\p{M}\p{N}._-]*$/u);
      expect(Array.from(once).length).toBeWithin(3, 65);
      expect(encodeURIComponent(once)).not.toContain("%2F");
    }),
  );
});

test("spellings of one name are one user, and impossible names are none", () => {
  for (const text of ["Alice", "ALICE", "ＡＬＩＣＥ", "ⓐlice"]) expect(normaliseUsername(text)).toBe("alice");
  expect(normaliseUsername("JOSE\u0301")).toBe("josé");
  expect(normaliseUsername("张三丰")).toBe("张三丰");
  expect(normaliseUsername("𠮷".repeat(64))).toBe("𠮷".repeat(64));
  for (const text of [
    "",
    "ab",
    "a b",
    "a/b/c",
    "a\u0000bc",
    "al\u200dice",
    "a@b.c",
    "é\ud800é",
    "x".repeat(65),
    "😀😀😀",
    "abc\n",
  ]) {
    expect(normaliseUsername(text), JSON.stringify(text)).toBeUndefined();
  }
});

test("names are folded, not only put in lower case", () => {
  for (const text of ["straße", "STRASSE", "STRAẞE", "Strasse"]) expect(normaliseUsername(text)).toBe("strasse");
  for (const text of ["ΣΊΣΥΦΟΣ", "σίσυφος", "σίσυφοσ"]) expect(normaliseUsername(text)).toBe("σίσυφοσ");
  expect(normaliseUsername("ılgın")).toBe("ılgın");
  expect(normaliseUsername("İzmir")).toBe(normaliseUsername("i\u0307zmir"));
});

test("upper and lower case of every character are one name", () => {
  for (let point = 0; point <= 0x10ffff; point++) {
    const character = String.fromCodePoint(point);
    const cases = [character.toUpperCase(), character.toLowerCase()].filter((other) => other !== character);
    if (cases.length === 0 || character === "ı") continue;
    for (const other of cases) expect(normaliseUsername(`ab${other}c`), character).toBe(normaliseUsername(`ab${character}c`));
  }
});
