import { type Digest, digestFile, type DigestInput } from "./digest_file.ts";
import type { DigestMessage } from "./digest_thread.ts";

/** Below this, hashing takes less time than starting a thread. */
const inlineBytes = 1024 * 1024;
/** A thread that says nothing for so long is lost: it says each second that it reads, a mebibyte at a time. */
const silenceMs = 60_000;

/**
 * {@link digestFile} off the event loop.
 *
 * @param onHalf is called once half of a large file is read.
 * @throws the signal's reason when aborted; an error when the file cannot be read to its end, or the thread is lost: the job of
 * a thread that is waited for for ever would hold its lease for ever.
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
  const lost = () => reject(new Error(`the hashing thread was silent for ${silenceMs / 1000} s`));
  let silence = setTimeout(lost, silenceMs);
  thread.addEventListener("message", ({ data }: MessageEvent<DigestMessage>) => {
    clearTimeout(silence);
    silence = setTimeout(lost, silenceMs);
    if (data.kind === "half") onHalf();
    else if (data.kind === "done") resolve(data.digest);
    else if (data.kind === "failed") reject(new Error(data.reason));
  });
  thread.addEventListener("close", () => reject(new Error("the hashing thread ended without a word")));
  thread.addEventListener("error", (event) => reject(new Error(`the hashing thread died: ${event.message}`)));
  thread.postMessage(input);
  try {
    return await promise;
  } finally {
    clearTimeout(silence);
    signal.removeEventListener("abort", abort);
    thread.terminate();
  }
}
