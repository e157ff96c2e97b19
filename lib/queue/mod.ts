/**
 * Wake-up calls: "row `id` waits for `worker`". Rows are the truth, so a lost message costs time and a double one
 * nothing.
 *
 * ```ts
 * const queue = await openQueue({ url: config.AMQP_URL, onError });
 * const consumer = await queue.consume({ worker: "merge", node, concurrency: 2 }, (message, signal) => merge(message.id, signal));
 * await queue.publish({ v: 1, worker: "merge", id: upload.id, node });
 * await consumer.stop();
 * ```
 */
export { memoryQueue, type MemoryQueueOptions } from "./memory.ts";
export { openQueue, type QueueOptions } from "./open.ts";
export {
  type ConsumeOptions,
  type Consumer,
  type Message,
  messageSchema,
  type ParkedMessage,
  type Queue,
  type WorkerName,
  workerNames,
} from "./port.ts";
