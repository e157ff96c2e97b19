import { expect, test } from "bun:test";
import { randomBytes } from "node:crypto";

import { createCRC64 } from "hash-wasm";

import { joinCrc64s } from "./crc64.ts";

async function crc64(bytes: Uint8Array): Promise<bigint> {
  return BigInt(`0x${(await createCRC64()).init().update(bytes).digest()}`);
}

test("the library's is that of OSS: the check value of CRC-64/XZ", async () => {
  // As x-oss-hash-crc64ecma has it for "123456789".
  expect(await crc64(Buffer.from("123456789"))).toBe(11_051_210_869_376_104_954n);
});

const spanOf = async (bytes: Uint8Array) => ({ crc64: await crc64(bytes), size: bytes.byteLength });

test.each([
  [0, 0],
  [0, 9],
  [9, 0],
  [1, 1],
  [4, 5],
  [102_400, 1],
  [1, 102_400],
  [300_001, 65_537],
])("joins %i and %i bytes as if they had been read in one go", async (first, second) => {
  const bytes = randomBytes(first + second);
  const spans = await Promise.all([bytes.subarray(0, first), bytes.subarray(first)].map(spanOf));
  expect(joinCrc64s(spans)).toBe(await crc64(bytes));
});

test("joins many spans, the last of them shorter", async () => {
  const bytes = randomBytes(10_000);
  const starts = Array.from({ length: 13 }, (_, at) => at * 777);
  const spans = await Promise.all(starts.map(async (at) => spanOf(bytes.subarray(at, at + 777))));
  expect(joinCrc64s(spans)).toBe(await crc64(bytes));
});

test("joins spans beyond 4 GiB: halves of any cut give the same", async () => {
  const mebibyte = await spanOf(new Uint8Array(2 ** 20));
  const many = joinCrc64s(Array.from({ length: 10_000 }, () => mebibyte));
  const half = { crc64: joinCrc64s(Array.from({ length: 5000 }, () => mebibyte)), size: 5000 * 2 ** 20 };
  expect(joinCrc64s([half, half])).toBe(many);
});
