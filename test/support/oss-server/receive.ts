import { open } from "node:fs/promises";

import { createCRC64 } from "hash-wasm";

import type { Fault } from "./faults.ts";
import { OssError } from "./oss_error.ts";

/** Bytes that were written to a file, and what is known of them. */
export interface Received {
  size: number;
  /** Upper-case hex in quotes, as OSS gives it: "the MD5 hash of the content". */
  etag: string;
  /** CRC-64 by ECMA-182, in decimal, as `x-oss-hash-crc64ecma` has it. */
  crc64: string;
}

/**
 * Writes a body to a file.
 *
 * @throws {OssError} `InvalidDigest` when it has not the MD5 that was announced, `RequestTimeout` when it ended early.
 */
export async function receive(request: Request, path: string, fault: Fault = {}): Promise<Received> {
  const [md5, crc64] = [new Bun.CryptoHasher("md5"), (await createCRC64()).init()];
  let size = 0;
  {
    await using file = await open(path, "w");
    for await (const piece of request.body ?? []) {
      if (fault.damage === true && size === 0 && piece.byteLength > 0) piece.set([(piece[0] ?? 0) ^ 1]);
      md5.update(piece);
      crc64.update(piece);
      size += piece.byteLength;
      await file.write(piece);
      if (fault.pauseMs !== undefined) await Bun.sleep(fault.pauseMs);
    }
  }
  const announced = request.headers.get("content-length");
  if (announced !== null && Number(announced) !== size) throw new OssError(400, "RequestTimeout", "The body ended early.");
  const digest = md5.digest();
  checkMd5(request.headers.get("content-md5"), digest);
  return { size, etag: `"${digest.toString("hex").toUpperCase()}"`, crc64: BigInt(`0x${crc64.digest()}`).toString() };
}

/** "If Content-MD5 is included, OSS checks whether it is the MD5 of the body": 400 `InvalidDigest`. */
function checkMd5(said: string | null, digest: Buffer): void {
  if (said === null || said === digest.toString("base64")) return;
  throw new OssError(400, "InvalidDigest", "The Content-MD5 you specified was invalid.", { "Content-MD5": said });
}
