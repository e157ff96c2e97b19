import type { SpanDigest } from "../../bytes/mod.ts";
import type { ByteRange } from "../port.ts";
import { startThread, type Thread } from "../remote/thread.ts";
import type { Md5Asked } from "./md5_thread.ts";

/** What the parts of a file hash to. */
export interface PartDigests extends Disposable {
  /** The MD5 of a part, lower-case hex. To be asked once for each. @throws {Error} when the file cannot be read. */
  md5(part: ByteRange, signal: AbortSignal): Promise<string>;
}

/**
 * Hashes the parts of which nothing is known in a thread, one after the other: 0.7 GB/s, on a core that sending leaves free. It
 * runs until this is disposed; then no digest comes any more.
 */
export function partDigests(path: string, known: readonly SpanDigest[] = []): PartDigests {
  const knownMd5s = new Map(known.map((span) => [nameOf(span), span.md5]));
  let thread: Thread<Md5Asked, string> | undefined;
  return {
    async md5({ offset, length }, signal) {
      const md5 = knownMd5s.get(nameOf({ offset, length }));
      if (md5 !== undefined) return md5;
      thread ??= startThread<Md5Asked, string>(new URL("./md5_thread.ts", import.meta.url));
      return await thread.ask({ path, offset, length }, signal);
    },
    [Symbol.dispose]: () => thread?.[Symbol.dispose](),
  };
}

const nameOf = ({ offset, length }: ByteRange) => `${offset} ${length}`;
