import { AppError } from "../errors/mod.ts";
import { createBacklog } from "./backlog.ts";
import { createDelays } from "./delays.ts";
import { createHandlerPool, type HandlerPool } from "./handler_pool.ts";
import { createNotifier } from "./notifier.ts";
import { createParking } from "./parking.ts";
import type { Message, Queue } from "./port.ts";

export interface MemoryQueueOptions {
  /** Told what a handler rejected with (and on which message), or what a listener threw. Must not throw. */
  onError: (error: unknown, message?: Message) => void;
  /** Messages that wait per worker and node, held back in all, and parked; past it the oldest is dropped. */
  limit?: number;
}

/**
 * The queue of a drive that is one process. What waits dies with the process, which costs time only: the sweep finds
 * the rows. After `close` every call is {@link AppError} `unavailable`.
 */
export function memoryQueue(options: MemoryQueueOptions): Queue {
  const { onError, limit = 100_000 } = options;
  const backlog = createBacklog(limit);
  const delays = createDelays(limit);
  const parking = createParking(limit);
  const notifier = createNotifier((error) => onError(error));
  const pools = new Set<HandlerPool>();
  let closed = false;

  const enter = (action: string, signal?: AbortSignal) => {
    signal?.throwIfAborted();
    if (closed) throw new AppError("unavailable", `${action}: the queue is closed`);
  };
  const deliver = (message: Message) => {
    backlog.add(message);
    for (const pool of pools) pool.pump();
  };
  return {
    engine: "memory",
    async publish(message, { delayMs = 0, signal } = {}) {
      enter(`publishing ${message.worker} ${message.id}`, signal);
      if (delayMs > 0) delays.add(delayMs, () => deliver(message));
      else deliver(message);
    },
    async consume({ worker, node, concurrency }, handle) {
      enter(`consuming ${worker}`);
      const pool = createHandlerPool({ concurrency, take: () => backlog.take(worker, node), handle, onError });
      pools.add(pool);
      pool.pump();
      return {
        async stop() {
          await pool.stop();
          // Not before: close() must still reach what is in hand.
          pools.delete(pool);
        },
      };
    },
    notify: (topic) => notifier.notify(topic),
    onNotify: (listener) => notifier.onNotify(listener),
    async park(message, reason, { signal } = {}) {
      enter(`parking ${message.worker} ${message.id}`, signal);
      parking.add(message, reason);
    },
    async parked({ limit, signal }) {
      enter("listing what is parked", signal);
      return parking.list(limit);
    },
    async countParked(signal) {
      enter("counting what is parked", signal);
      return parking.count();
    },
    async replayParked(signal) {
      enter("replaying what is parked", signal);
      const messages = parking.clear();
      for (const message of messages) deliver(message);
      return messages.length;
    },
    async check(signal) {
      enter("checking", signal);
    },
    async close() {
      if (closed) return;
      closed = true;
      delays.clear();
      backlog.clear();
      parking.clear();
      notifier.close();
      const reason = new AppError("unavailable", "the queue is closed");
      for (const pool of pools) pool.abort(reason);
    },
  };
}
