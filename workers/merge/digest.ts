import { type Digest, digestFile, type DigestInput } from "./digest_file.ts";
import type { DigestMessage } from "./digest_thread.ts";

/** Below this, hashing takes less time than starting a thread. */
const inlineBytes = 1024 * 1024;

/**
 * {@link digestFile} off the event loop.
 *
 * @param onHalf is called once half of a large file is read.
 * @throws the signal's reason when aborted; an error when the file cannot be read to its end.
 */
export async function digest(input: DigestInput, signal: AbortSignal, onHalf: () => void): Promise<Digest> {
  signal.throwIfAborted();
  if (input.size <= inlineBytes) {
    const small = digestFile(input);
    onHalf();
    return small;
  }
  const thread = new Worker(new URL("./digest_thread.ts", import.meta.url).href);
  const { promise, resolve, reject } = Promise.withResolvers<Digest>();
  const abort = () => reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  thread.addEventListener("message", ({ data }: MessageEvent<DigestMessage>) => {
    if (data.kind === "half") onHalf();
    else if (data.kind === "done") resolve(data.digest);
    else reject(new Error(data.reason));
  });
  thread.addEventListener("error", (event) => reject(new Error(`the hashing thread died: ${event.message}`)));
  thread.postMessage(input);
  try {
    return await promise;
  } finally {
    signal.removeEventListener("abort", abort);
    thread.terminate();
  }
}
