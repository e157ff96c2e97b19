import { expect, test } from "bun:test";
import { crc32 } from "node:zlib";

import { chunkChecksum } from "./chunk_checksum.ts";

test.each(["", "123456789", "sluice".repeat(1_000_000)])("is zlib's CRC-32 as four big-endian bytes", async (text) => {
  const digest = Buffer.alloc(4);
  digest.writeUInt32BE(crc32(text));
  expect(await chunkChecksum(new Blob([text]))).toBe(`crc32 ${digest.toString("base64")}`);
});
