import type { Part } from "../remote/part_plan.ts";
import { startThread } from "../remote/thread.ts";
import type { DigestAnswer, DigestAsked } from "./digest_thread.ts";

export interface PartDigest {
  crc64: bigint;
  /** Lower-case hex, where it was wanted. */
  md5: string | undefined;
}

/** Reads a file once, part by part, in a thread of its own: 0.6 GB/s on a core that sending leaves free. */
export interface PartDigests extends Disposable {
  /** Of a part; to be asked once for each, in the order of the file. @throws {Error} when the file cannot be read. */
  of(part: Part, wants: { md5: boolean }, signal: AbortSignal): Promise<PartDigest>;
  /** The SHA-256 of all parts so far, lower-case hex; to be asked once. */
  whole(signal: AbortSignal): Promise<string>;
}

/** The thread runs until this is disposed. */
export function partDigests(path: string): PartDigests {
  const thread = startThread<DigestAsked, DigestAnswer>(new URL("./digest_thread.ts", import.meta.url));
  return {
    async of({ offset, size }, { md5 }, signal) {
      const answer = await thread.ask({ path, offset, size, md5 }, signal);
      if ("crc64" in answer) return answer;
      throw new TypeError("the thread answers another question");
    },
    async whole(signal) {
      const answer = await thread.ask("whole", signal);
      if ("sha256" in answer) return answer.sha256;
      throw new TypeError("the thread answers another question");
    },
    [Symbol.dispose]: () => thread[Symbol.dispose](),
  };
}
