import type { Part } from "../remote/part_plan.ts";
import type { Md5Answer, Md5Request } from "./md5_thread.ts";

/** Hashes parts of a file in a thread of its own, one after the other: 0.7 GB/s, on a core that sending leaves free. */
export interface PartDigests extends Disposable {
  /** The MD5 of a part, in base64. To be asked once for each. @throws {Error} when the file cannot be read. */
  md5(part: Part, signal: AbortSignal): Promise<string>;
}

/** The thread runs until this is disposed; then no digest comes any more. */
export function partDigests(path: string): PartDigests {
  const thread = new Worker(new URL("./md5_thread.ts", import.meta.url).href);
  const waiting = new Map<number, PromiseWithResolvers<string>>();
  thread.addEventListener("message", ({ data }: MessageEvent<Md5Answer>) => {
    const asked = waiting.get(data.number);
    waiting.delete(data.number);
    if ("md5" in data) asked?.resolve(data.md5);
    else asked?.reject(new Error(data.reason));
  });
  const died = Promise.withResolvers<never>();
  thread.addEventListener("error", ({ message }) => died.reject(new Error(`the hashing thread died: ${message}`)));
  died.promise.catch(() => {
    // Whoever waits for a digest hears of it there.
  });
  return {
    async md5(part, signal) {
      const asked = Promise.withResolvers<string>();
      waiting.set(part.number, asked);
      const abort = () => asked.reject(signal.reason);
      signal.addEventListener("abort", abort, { once: true });
      thread.postMessage({ path, ...part } satisfies Md5Request);
      try {
        return await Promise.race([asked.promise, died.promise]);
      } finally {
        signal.removeEventListener("abort", abort);
      }
    },
    [Symbol.dispose]: () => thread.terminate(),
  };
}
