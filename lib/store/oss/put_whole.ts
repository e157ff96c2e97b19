import { open } from "node:fs/promises";

import { createCRC64 } from "hash-wasm";

import { AppError } from "../../errors/mod.ts";
import type { PutSource } from "../port.ts";
import { ask } from "../remote/ask.ts";
import { sending } from "../remote/question.ts";
import { refusalOf } from "../remote/refusal.ts";
import type { Put } from "./put.ts";

const pieceBytes = 2 ** 18;

/**
 * Puts a file in one request, with its MD5: OSS refuses other bytes ("Content-MD5", 400 `InvalidDigest`) before anything shows under the key.
 *
 * @returns the CRC-64 of what was read.
 * @throws {AppError} `checksum-mismatch` when the file has another SHA-256 than it is said to have, or OSS received other bytes.
 */
export async function putWhole({ oss, key, source, signal }: Put): Promise<bigint> {
  const action = `putting ${key}`;
  const { md5, sha256, crc64 } = await digestsOf(source, signal);
  if (sha256 !== source.sha256) throw otherBytes(action, `the file's SHA-256 is ${sha256}, must be ${source.sha256}`);
  const headers = { ...objectHeaders(source), "Content-MD5": md5, "Content-Length": source.size };
  await ask(sending(oss, action, source.size, signal), async (signal) => {
    try {
      // The transport sends the file; of the buffer ali-oss only sees that there is a body whose MD5 it need not compute.
      await oss.ask({ signal, body: Bun.file(source.path) }, async (client) => client.put(key, Buffer.alloc(0), { headers }));
    } catch (error) {
      if (refusalOf(error)?.name !== "InvalidDigest") throw error;
      throw otherBytes(action, "the store received other bytes than were to be sent", error);
    }
  });
  return crc64;
}

/** What is kept with an object. Without a type of its own it would get one from its key's ending, and Bun would send another. */
export function objectHeaders({ sha256 }: PutSource): Record<string, string> {
  return { "Content-Type": "application/octet-stream", "x-oss-meta-sha256": sha256 };
}

export function otherBytes(action: string, text: string, cause?: unknown): AppError {
  return new AppError("checksum-mismatch", `${action}: ${text}`, cause === undefined ? {} : { cause });
}

/** Of a file that fits into one request, so at most some tens of milliseconds, a quarter of a mebibyte at a time. */
async function digestsOf(source: PutSource, signal: AbortSignal): Promise<{ md5: string; sha256: string; crc64: bigint }> {
  const [md5, sha256, crc64] = [new Bun.CryptoHasher("md5"), new Bun.CryptoHasher("sha256"), (await createCRC64()).init()];
  await using file = await open(source.path, "r");
  const buffer = Buffer.allocUnsafe(pieceBytes);
  for (;;) {
    signal.throwIfAborted();
    const { bytesRead } = await file.read(buffer, 0, pieceBytes);
    if (bytesRead === 0) break;
    const piece = buffer.subarray(0, bytesRead);
    md5.update(piece);
    sha256.update(piece);
    crc64.update(piece);
  }
  return { md5: md5.digest("base64"), sha256: sha256.digest("hex"), crc64: BigInt(`0x${crc64.digest()}`) };
}
