import { AppError } from "../errors/mod.ts";
import { memoryQueue } from "./memory.ts";
import type { Message, Queue } from "./port.ts";

export interface QueueOptions {
  /** Without it, the queue is in the process. */
  url?: string | undefined;
  /** Told what goes wrong where nobody waits for it: in a handler (of which message), a listener, a connection. */
  onError: (error: unknown, message?: Message) => void;
}

/**
 * Opens the engine that the URL names.
 *
 * @throws {AppError} `invalid-request` for a URL that names none. It tells the scheme only: the URL may hold a password.
 * `unavailable` when the engine cannot be reached or refuses the user.
 */
export async function openQueue(options: QueueOptions): Promise<Queue> {
  const { url, onError } = options;
  if (url === undefined) return memoryQueue({ onError });
  if (/^amqps?:\/\//.test(url)) {
    // Loaded where it is used: a client that nobody asks for is memory all the same (4 to 10 MB each).
    const { amqpQueue } = await import("./amqp.ts");
    return await amqpQueue({ url, onError });
  }
  const scheme = /^[a-z0-9+.-]+:/i.exec(url)?.[0] ?? "no scheme";
  throw new AppError(
    "invalid-request",
    `AMQP_URL: ${scheme} is not supported, only amqp:// and amqps://; without it the queue is in the process`,
  );
}
