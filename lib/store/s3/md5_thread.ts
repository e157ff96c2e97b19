import { closeSync, openSync, readSync } from "node:fs";

import { answerAsked } from "../remote/answer_asked.ts";
import type { Part } from "../remote/part_plan.ts";

/** What the thread is asked; it answers with an MD5 in base64, as `Content-MD5` wants it. */
export interface Md5Asked extends Part {
  path: string;
}

const buffer = Buffer.allocUnsafe(2 ** 18);

answerAsked<Md5Asked, string>(async ({ path, offset, size }) => {
  const hasher = new Bun.CryptoHasher("md5");
  const fd = openSync(path, "r");
  try {
    for (let at = 0; at < size;) {
      const count = readSync(fd, buffer, 0, Math.min(buffer.byteLength, size - at), offset + at);
      if (count === 0) throw new RangeError(`${path} ends at ${offset + at}`);
      hasher.update(buffer.subarray(0, count));
      at += count;
    }
  } finally {
    closeSync(fd);
  }
  return hasher.digest("base64");
});
