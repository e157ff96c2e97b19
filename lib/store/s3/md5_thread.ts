import { closeSync, openSync, readSync } from "node:fs";

import type { ByteRange } from "../port.ts";
import { answerAsked } from "../remote/answer_asked.ts";

/** What the thread is asked; it answers with an MD5 in lower-case hex. */
export interface Md5Asked extends ByteRange {
  path: string;
}

const buffer = Buffer.allocUnsafe(2 ** 18);

answerAsked<Md5Asked, string>(async ({ path, offset, length }) => {
  const hasher = new Bun.CryptoHasher("md5");
  const fd = openSync(path, "r");
  try {
    for (let at = 0; at < length;) {
      const count = readSync(fd, buffer, 0, Math.min(buffer.byteLength, length - at), offset + at);
      if (count === 0) throw new RangeError(`${path} ends at ${offset + at}`);
      hasher.update(buffer.subarray(0, count));
      at += count;
    }
  } finally {
    closeSync(fd);
  }
  return hasher.digest("hex");
});
