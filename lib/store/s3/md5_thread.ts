import { closeSync, openSync, readSync } from "node:fs";

import type { Part } from "../remote/part_plan.ts";

/** What the thread is asked, and what it answers. An MD5 is in base64, as `Content-MD5` wants it. */
export interface Md5Request extends Part {
  path: string;
}
export type Md5Answer = { number: number } & ({ md5: string } | { reason: string });

declare const self: Worker;

const buffer = Buffer.allocUnsafe(2 ** 18);

function md5(path: string, { offset, size }: Part): string {
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
}

const say = (answer: Md5Answer) => self.postMessage(answer);

self.addEventListener("message", ({ data }: MessageEvent<Md5Request>) => {
  const { number } = data;
  try {
    say({ number, md5: md5(data.path, data) });
  } catch (error) {
    say({ number, reason: error instanceof Error ? error.message : String(error) });
  }
});
