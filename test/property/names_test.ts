import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import * as fc from "fast-check";

import type { Blob } from "#db/blobs.ts";
import { insertFile } from "#db/files.ts";
import { type Catalog, openCatalog } from "#db/mod.ts";
import { freeName, searchable, splitExtension } from "#db/names.ts";
import { parseConfig } from "#lib/config/mod.ts";
import { isAppError } from "#lib/errors/mod.ts";
import { newId } from "#lib/id/mod.ts";
import { maxNameLength } from "#lib/name/mod.ts";

import { checkName } from "../../gateway/file/name.ts";
import { newUser } from "../../workers/testing.ts";

/** Texts of everything that matters for names: letters, marks, numbers in brackets, dots, controls, halves of pairs. */
const anyText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 300 }),
  fc.string({ unit: "grapheme", maxLength: 300 }),
  fc.string({
    unit: fc.constantFrom("a", ".", "/", "\\", " ", "\0", "\n", "\u202E", "\u200F", "é", "e\u0301", "😀", "\uD800", "ﬁ"),
    maxLength: 20,
  }),
  fc.constantFrom(
    "",
    " ",
    ".",
    "..",
    "...",
    "a".repeat(255),
    "a".repeat(256),
    "😀".repeat(255),
    "e\u0301".repeat(255),
    "e\u0301".repeat(256),
  ),
);

/** `undefined` when it is refused. */
function check(text: string): string | undefined {
  try {
    return checkName(text);
  } catch (error) {
    if (isAppError(error, "invalid-name")) return undefined;
    throw error;
  }
}

test("a name that is taken is in NFC, 1 to 255 characters, and holds nothing that could mean more than a name", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const name = check(text);
      if (name === undefined) return;
      expect(name).toBe(text.normalize("NFC"));
      expect(name.isWellFormed()).toBe(true);
      const length = Array.from(name).length;
      expect(length >= 1 && length <= maxNameLength).toBe(true);
      expect(name).not.toMatch(/[\p{Cc}/\\\u2028\u2029\u202A-\u202E\u2066-\u2069]/u);
      expect([".", ".."]).not.toContain(name);
      expect(name.trim()).not.toBe("");
    }),
    { numRuns: 3000 },
  );
});

test("checking a name again changes nothing", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const name = check(text);
      if (name !== undefined) expect(check(name)).toBe(name);
    }),
    { numRuns: 3000 },
  );
});

test("stem and extension are the name, whatever it is", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const [stem, extension] = splitExtension(text);
      expect(stem + extension).toBe(text);
      if (text !== "") expect(stem).not.toBe("");
    }),
  );
});

test("a part of a name is found in it, whatever its case", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme-ascii", minLength: 1, maxLength: 50 }), fc.nat(49), fc.nat(49), (name, a, b) => {
      const part = name.slice(Math.min(a, b), Math.max(a, b));
      expect(searchable(name)).toContain(searchable(part.toUpperCase()));
    }),
  );
});

describe("the names that a user's files get", () => {
  let folder: string;
  let catalog: Catalog;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "sluice-names-"));
    catalog = await openCatalog(parseConfig({ DATA_DIR: folder }));
  });
  afterAll(async () => {
    await catalog.close();
    await rm(folder, { recursive: true });
  });

  const blob: Blob = {
    id: newId(),
    sha1: "0".repeat(40),
    liveSha1: "0".repeat(40),
    sha256: "0".repeat(64),
    size: 0,
    state: "spooled",
    spoolId: newId(),
    node: "n",
    store: null,
    key: null,
    createdAt: 0,
    leaseOwner: null,
    leaseUntil: 0,
    fence: 0,
    attempts: 0,
  };
  const word = fc.constantFrom(
    "a",
    "A",
    "a (1)",
    "a%",
    "a_",
    "!",
    "é",
    "x".repeat(251),
    "😀".repeat(255),
    "x".repeat(200),
    ".a",
    "a b",
  );
  const extension = fc.constantFrom("", ".txt", ".tar.gz", ".TXT", ` (1).txt`, ".", `.${"e".repeat(16)}`, `.${"e".repeat(17)}`);
  const wish = fc.tuple(word, extension).map(([stem, end]) => stem + end);

  test("are free, at most 255 characters long, and the wished one where that is free", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(wish, { minLength: 1, maxLength: 12 }), async (wishes) => {
        const userId = await newUser(catalog);
        const given: string[] = [];
        for (const wished of wishes.flatMap((text) => check(text) ?? [])) {
          const name = await catalog.transaction(async (tx) => {
            const next = await freeName(tx, userId, wished);
            const { file } = await insertFile(tx, { id: newId(), userId, name: wished, blob, now: 0 });
            expect(file.name).toBe(next);
            return file.name;
          });
          if (given.includes(wished)) expect(name).not.toBe(wished);
          else expect(name).toBe(wished);
          expect(Array.from(name).length).toBeLessThanOrEqual(maxNameLength);
          // It keeps its extension, and could have been wished for.
          expect(name.endsWith(splitExtension(wished)[1])).toBe(true);
          expect(check(name)).toBe(name);
          given.push(name);
        }
        expect(new Set(given).size).toBe(given.length);
      }),
      { numRuns: 100 },
    );
  });
});
