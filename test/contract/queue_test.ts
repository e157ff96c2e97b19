import { memoryQueue } from "#lib/queue/mod.ts";

import { queueContract } from "./queue.ts";

queueContract("memory", async () => {
  const errors: unknown[] = [];
  const queue = memoryQueue({ onError: (error) => void errors.push(error) });
  return { connect: async () => queue, errors, close: async () => queue.close() };
});
