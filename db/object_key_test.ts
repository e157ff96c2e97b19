import { expect, test } from "bun:test";

import { objectKey, partsOfKey } from "./object_key.ts";

const [sha1, id, copyId] = [
  "da39a3ee5e6b4b0d3255bfef95601890afd80709",
  "01J00000000000000000000000",
  "01J00000000000000000000001",
];

test("a key tells what it was made of", () => {
  expect(objectKey({ id, sha1 })).toBe(`da/39/${sha1}-${id}`);
  expect(partsOfKey(objectKey({ id, sha1 }))).toEqual({ sha1, blobId: id });
  expect(partsOfKey(objectKey({ id, sha1 }, copyId))).toEqual({ sha1, blobId: id, copyId });
});

test.each(["", "posters/AB/01J.jpg", `da/38/${sha1}-${id}`, `da/39/${sha1}`, `x/da/39/${sha1}-${id}`, `da/39/${sha1}-${id}-`])(
  "%j is no such key",
  (key) => expect(partsOfKey(key)).toBeNull(),
);
