import { expect, test } from "bun:test";

import { newUploadRow } from "#db/uploads.ts";
import { newId } from "#lib/id/mod.ts";

import { createJustOpened } from "./just_opened.ts";

const row = () =>
  newUploadRow({
    id: newId(),
    userId: newId(),
    name: "a",
    size: 10,
    sha1: null,
    chunkSize: 10,
    chunkCount: 1,
    node: "one",
    requestId: "request",
    createdAt: 1000,
    expiresAt: 2000,
  });

test("knows what was opened until that is changed, or has expired", () => {
  let now = 1000;
  const justOpened = createJustOpened(() => now);
  const [one, two] = [row(), row()];
  justOpened.add(one);
  justOpened.add(two);
  expect(justOpened.get(one.id)).toBe(one);
  justOpened.forget(one.id);
  expect([justOpened.get(one.id), justOpened.get(two.id)]).toEqual([undefined, two]);
  now = 2000;
  expect(justOpened.get(two.id)).toBeUndefined();
});
