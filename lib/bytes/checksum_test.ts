import { expect, test } from "bun:test";
import { createHash } from "node:crypto";

import { parseChecksum } from "./checksum.ts";
import { Crc32, crc32Hex, createHasher } from "./hasher.ts";

const text = new TextEncoder().encode("123456789");

test.each(["crc32", "sha1", "sha256"] as const)("reads a checksum of %s, and hashes the same", (algorithm) => {
  const hasher = createHasher(algorithm);
  hasher.update(text.slice(0, 4));
  hasher.update(text.slice(4));
  const digest = Buffer.from(hasher.digest());
  // The check value of CRC-32/ISO-HDLC.
  const right = algorithm === "crc32" ? Buffer.from("cbf43926", "hex") : createHash(algorithm).update(text).digest();
  expect(digest.equals(right)).toBe(true);
  const header = `${algorithm} ${right.toString("base64")}`;
  for (const each of [header, ` ${header} `, header.replace(" ", "   "), header.replace(algorithm, algorithm.toUpperCase())]) {
    const checksum = parseChecksum(each);
    expect(checksum?.algorithm).toBe(algorithm);
    expect(right.equals(checksum?.digest ?? Buffer.of())).toBe(true);
  }
});

test.each([
  "",
  "crc32",
  "sha1 ",
  "md5 AAAA",
  "crc32 AAAA",
  "crc32 AAAAAAAA",
  "sha1 AAAAAA==",
  "crc32 AAAA==== x",
  "crc32 ?AAAAA==",
  "sha256 =",
])("%j is none", (header) => expect(parseChecksum(header)).toBeNull());

test("a CRC-32 is eight hex digits", () => {
  expect([crc32Hex(0), crc32Hex(0xab), crc32Hex(0xffffffff)]).toEqual(["00000000", "000000ab", "ffffffff"]);
  expect(new Crc32().value).toBe(0);
});
