import { join } from "node:path";

import type { Job, JobResult, SenderMessage } from "./job.ts";

/** The bench's client process. */
export interface Sender extends AsyncDisposable {
  /** Runs a job; one at a time. Rejects when an answer is not a 2xx. */
  run(job: Job): Promise<JobResult>;
}

/** Starts the client in a process of its own, so that what it takes of a core is not taken from the bench. */
export async function startSender(): Promise<Sender> {
  let waiting = Promise.withResolvers<SenderMessage>();
  const child = Bun.spawn([process.execPath, join(import.meta.dir, "../sender/main.ts")], {
    stdio: ["ignore", "inherit", "inherit"],
    ipc: (message: SenderMessage) => waiting.resolve(message),
    onExit: () => waiting.resolve({ kind: "failed", reason: "the sender ended" }),
  });
  await waiting.promise;
  return {
    async run(job) {
      waiting = Promise.withResolvers<SenderMessage>();
      child.send(job);
      const message = await waiting.promise;
      if (message.kind === "done") return message.result;
      throw new Error(message.kind === "failed" ? message.reason : "the sender started anew");
    },
    async [Symbol.asyncDispose]() {
      child.kill();
      await child.exited;
    },
  };
}
