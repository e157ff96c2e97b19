import { z } from "zod";

/** The workers that messages wake up. */
export const workerNames = ["merge", "push", "purge", "sweep", "probe", "fetch", "copy"] as const;
export type WorkerName = (typeof workerNames)[number];

/** A wake-up call: "row `id` waits for `worker`". The row is the truth, so losing a message costs time only. */
export const messageSchema = z.object({
  v: z.literal(1),
  worker: z.enum(workerNames),
  /** The row: an upload's id for merge and fetch, a blob's for push and purge, a video's for probe, a copy's for copy. */
  id: z.string(),
  /** The node whose spool holds the bytes; `null` where any node will do. */
  node: z.string().nullable(),
  /** The request that caused it, for the log. */
  requestId: z.string().optional(),
});
export type Message = z.infer<typeof messageSchema>;

/** A message that waits for a person. */
export interface ParkedMessage {
  /** `null` for one that could not be understood. */
  message: Message | null;
  reason: string;
  /** Where it was on its way to: `<worker>.<node>`, or `<worker>.any`. */
  route: string;
  /** Epoch milliseconds. */
  parkedAt: number;
  /** What it holds, or how that begins. */
  body: string;
}

/** A running consumer. */
export interface Consumer {
  /** Takes no more messages and waits until those in hand are handled. */
  stop(): Promise<void>;
}

export interface ConsumeOptions {
  worker: WorkerName;
  /** Messages for this node, and those for any. */
  node: string;
  /** Handlers at once, at most. */
  concurrency: number;
}

/**
 * Wake-up calls between processes: at least once, in no sure order, possibly never (the sweep finds what was
 * lost). A handler never rejects on purpose: what becomes of a job is written on its row.
 */
export interface Queue {
  /** Which engine this is, for start-up lines and `readyz`. */
  readonly engine: string;
  /**
   * Resolves once the engine has taken the message; `delayMs` holds it back for that long or longer, an engine may round up
   * to twice that; what is to wait for more than eight minutes may come earlier.
   */
  publish(message: Message, options?: { delayMs?: number; signal?: AbortSignal }): Promise<void>;
  consume(options: ConsumeOptions, handle: (message: Message, signal: AbortSignal) => Promise<void>): Promise<Consumer>;
  /** Tells every listener of every process that something of `topic` (a user's id) changed: a hint, never a truth. */
  notify(topic: string): void;
  /** Hears {@link Queue.notify}. @returns a function that stops listening. */
  onNotify(listener: (topic: string) => void): () => void;
  /** Keeps a message for a person: a copy, for the row is the truth. Messages that no consumer understands come there, too. */
  park(message: Message, reason: string, options?: { signal?: AbortSignal }): Promise<void>;
  /** What is parked, mostly oldest first. Two who list at once may see a part each. */
  parked(options: { limit: number; signal?: AbortSignal }): Promise<ParkedMessage[]>;
  countParked(signal?: AbortSignal): Promise<number>;
  /** Publishes again what is parked now, up to 10,000 messages, and parks it no longer. @returns how many. */
  replayParked(signal?: AbortSignal): Promise<number>;
  /** Rejects when the engine cannot be reached. */
  check(signal: AbortSignal): Promise<void>;
  /** Drops what waits and aborts the signal of what runs. Stop consumers first to let them finish. */
  close(): Promise<void>;
}
