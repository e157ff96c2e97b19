import { expect, test } from "bun:test";
import { createHmac } from "node:crypto";

import { proofHex } from "./proof.ts";

const bytes = new Uint8Array(5_000_000).map((_, index) => (index * 7) % 253);
const nonce = "00ff10a5".repeat(8);

test("is node:crypto's HMAC over the ranges, one after the other", async () => {
  const ranges: [number, number][] = [
    [4_999_000, 1000],
    [0, 1],
    [100, 4_500_000],
  ];
  const hmac = createHmac("sha256", Buffer.from(nonce, "hex"));
  for (const [offset, length] of ranges) hmac.update(bytes.subarray(offset, offset + length));
  expect(await proofHex(new Blob([bytes]), { nonce, ranges })).toBe(hmac.digest("hex"));
});

test("an empty file has a proof, too", async () => {
  const expected = createHmac("sha256", Buffer.from(nonce, "hex")).digest("hex");
  expect(await proofHex(new Blob([]), { nonce, ranges: [] })).toBe(expected);
});
