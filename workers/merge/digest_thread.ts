import { type Digest, digestFile, type DigestInput } from "./digest_file.ts";

/** What the thread says: once in the middle, then the digest or why there is none. */
export type DigestMessage = { kind: "half" } | { kind: "done"; digest: Digest } | { kind: "failed"; reason: string };

declare const self: Worker;

const say = (message: DigestMessage) => self.postMessage(message);

self.addEventListener("message", ({ data }: MessageEvent<DigestInput>) => {
  let isPastHalf = false;
  try {
    const digest = digestFile(data, (offset) => {
      if (isPastHalf || offset < data.size / 2) return;
      isPastHalf = true;
      say({ kind: "half" });
    });
    say({ kind: "done", digest });
  } catch (error) {
    say({ kind: "failed", reason: error instanceof Error ? error.message : String(error) });
  }
});
