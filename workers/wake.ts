import type { Message } from "#lib/queue/mod.ts";

import type { WorkerContext } from "./context.ts";

/** Wakes a worker. The row says the same: should the queue be away, the worker's own look finds it, only later. */
export async function wake(
  { queue, log }: Pick<WorkerContext, "queue" | "log">,
  { requestId, ...message }: Omit<Message, "v" | "requestId"> & { requestId: string | undefined },
  delayMs = 0,
): Promise<void> {
  try {
    await queue.publish({ v: 1, ...message, ...(requestId && { requestId }) }, { delayMs });
  } catch (error) {
    log.warn({ err: error, ...message, requestId }, "a worker was not woken; it will find the row");
  }
}
