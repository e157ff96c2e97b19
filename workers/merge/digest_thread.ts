import { type Digest, digestFile, type DigestInput } from "./digest_file.ts";

/** What the thread says: each second that it reads, once in the middle, then the digest or why there is none. */
export type DigestMessage =
  | { kind: "alive" }
  | { kind: "half" }
  | { kind: "done"; digest: Digest }
  | { kind: "failed"; reason: string };

declare const self: Worker;

const aliveMs = 1000;

const say = (message: DigestMessage) => self.postMessage(message);

self.addEventListener("message", ({ data }: MessageEvent<DigestInput>) => {
  let isPastHalf = false;
  let saidAt = performance.now();
  try {
    const digest = digestFile(data, (offset) => {
      if (performance.now() - saidAt > aliveMs) {
        saidAt = performance.now();
        say({ kind: "alive" });
      }
      if (isPastHalf || offset < data.size / 2) return;
      isPastHalf = true;
      say({ kind: "half" });
    });
    say({ kind: "done", digest });
  } catch (error) {
    say({ kind: "failed", reason: error instanceof Error ? error.message : String(error) });
  }
});
