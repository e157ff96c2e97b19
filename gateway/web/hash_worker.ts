import { chunkChecksum } from "./upload/chunk_checksum.ts";
import type { HashReply, HashRequest, HashTask } from "./upload/hash_protocol.ts";
import { proofHex } from "./upload/proof.ts";
import { sha1Hex } from "./upload/sha1.ts";

// The worker's program: all hashing happens here, so that the page never stutters. Tasks run interleaved: each awaits
// its reads, so that a chunk's checksum does not wait for the hash of a film.
const running = new Map<number, AbortController>();

self.addEventListener("message", ({ data }: MessageEvent<HashRequest>) => {
  if ("abort" in data) running.get(data.id)?.abort();
  else void answer(data.id, data.task);
});

async function answer(id: number, task: HashTask): Promise<void> {
  const control = new AbortController();
  running.set(id, control);
  try {
    reply({ id, result: await work(task, (progress) => reply({ id, progress }), control.signal) });
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    reply({ id, error: { name, message } });
  } finally {
    running.delete(id);
  }
}

function work(task: HashTask, onProgress: (bytes: number) => void, signal: AbortSignal): Promise<string> {
  if (task.kind === "sha1") return sha1Hex(task.file, onProgress, signal);
  if (task.kind === "proof") return proofHex(task.file, task.challenge);
  return chunkChecksum(task.chunk);
}

function reply(message: HashReply): void {
  self.postMessage(message);
}
