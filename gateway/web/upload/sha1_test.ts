import { expect, test } from "bun:test";
import { createHash } from "node:crypto";

import { sha1Hex } from "./sha1.ts";

test.each([0, 1, 4 * 1024 * 1024, 9_000_001])("is node:crypto's SHA-1 for %d bytes", async (size) => {
  const bytes = new Uint8Array(size).map((_, index) => (index * 31) % 251);
  const seen: number[] = [];
  const digest = await sha1Hex(new Blob([bytes]), (count) => seen.push(count));
  expect(digest).toBe(createHash("sha1").update(bytes).digest("hex"));
  expect(seen.at(-1) ?? 0).toBe(size);
});

test("stops when it is aborted", async () => {
  const control = new AbortController();
  const hashing = sha1Hex(new Blob([new Uint8Array(9_000_001)]), () => control.abort(new Error("paused")), control.signal);
  await expect(hashing).rejects.toThrow("paused");
});
