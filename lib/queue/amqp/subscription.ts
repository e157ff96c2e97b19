import type { Channel, ConsumeMessage } from "amqplib";

import { AppError } from "../../errors/mod.ts";
import { createHandlerPool, type HandlerPoolOptions } from "../handler_pool.ts";
import type { ConsumeOptions, Message } from "../port.ts";
import { createDeadline } from "./deadline.ts";
import type { Session } from "./session.ts";
import { declareQueue, type QueueSpec, type Topology } from "./topology.ts";
import { open } from "./wire.ts";

export interface SubscriptionOptions extends ConsumeOptions, Pick<HandlerPoolOptions, "handle"> {
  topology: Topology;
  onError: (error: unknown, message?: Message) => void;
  /** Keeps what cannot be understood for a person; resolves once the broker has it there. */
  setAside: (raw: ConsumeMessage, reason: string) => Promise<void>;
  /** How long a message may wait here for a free handler, ms. */
  holdMs?: number;
}

/** One consumer, on whatever connection there is. */
export interface Subscription {
  /** Consumes on a new connection. */
  attach(session: Session): Promise<void>;
  /** Gives back what waits, and resolves once what runs has ended. */
  stop(): Promise<void>;
  /** Aborts what runs. */
  abort(reason: Error): void;
}

/**
 * A minute: RabbitMQ closes a channel on which a message is unacknowledged for half an hour, and a process with a free
 * handler may take it meanwhile.
 */
const defaultHoldMs = 60_000;
/** How long RabbitMQ may take to begin a consumer. */
const consumeMs = 5000;
/**
 * A queue that lets so many consumers wait in vain is deleted and declared anew. RabbitMQ 3.10, killed within a second of
 * declaring a quorum queue, comes back with one that has no leader and never will: whoever consumes from it waits 15 s
 * and loses the connection, and all others with it. The queue holds wake-ups only.
 */
const silencesOfDead = 2;
/** Between two attempts to set the same message aside. */
const setAsideAgainMs = 1000;

/**
 * Consumes a worker's queues: its node's, and any node's. Each gives `concurrency` messages in advance; they are
 * acknowledged when their handler starts, for from then on the lease on the row carries the job, for as long as it takes.
 */
export function createSubscription(options: SubscriptionOptions): Subscription {
  const { topology, worker, node, concurrency, setAside, onError, holdMs = defaultHoldMs } = options;
  const waiting = new Map<ConsumeMessage, { message: Message; channel: Channel; timer: NodeJS.Timeout }>();
  const silences = new Map<string, number>();
  let attached: { session: Session; channel: Channel } | undefined;
  let isStopped = false;

  const take = (): Message | undefined => {
    const [first] = waiting;
    if (first === undefined) return undefined;
    const [raw, { message, channel, timer }] = first;
    waiting.delete(raw);
    clearTimeout(timer);
    channel.ack(raw);
    return message;
  };
  const pool = createHandlerPool({ ...options, take });

  const giveBack = (raw: ConsumeMessage, channel: Channel) => {
    waiting.delete(raw);
    channel.nack(raw, false, true);
  };
  const park = async (raw: ConsumeMessage, reason: string, { lost }: Session, channel: Channel) => {
    try {
      await setAside(raw, reason);
      if (!lost.aborted && !isStopped) channel.ack(raw);
    } catch (error) {
      onError(error);
      await Bun.sleep(setAsideAgainMs);
      if (!lost.aborted && !isStopped) channel.nack(raw, false, true);
    }
  };
  const receive = (raw: ConsumeMessage, session: Session, channel: Channel) => {
    // The channel is about to be closed, and the message goes back with it.
    if (isStopped) return;
    const { message, reason } = open(raw.content);
    if (message === null) {
      void park(raw, reason, session, channel);
      return;
    }
    waiting.set(raw, { message, channel, timer: setTimeout(() => giveBack(raw, channel), holdMs) });
    pool.pump();
  };
  const consume = async (session: Session, channel: Channel, spec: QueueSpec) => {
    const silent = silences.get(spec.name) ?? 0;
    if (silent >= silencesOfDead) {
      onError(new AppError("unavailable", `the queue ${spec.name} does not answer; it is made anew`));
      await channel.deleteQueue(spec.name);
      silences.delete(spec.name);
    }
    await declareQueue(channel, spec);
    const deadline = createDeadline(`consuming ${spec.name}`, consumeMs);
    const consuming = channel.consume(spec.name, (raw) => {
      if (raw === null) session.drop(new Error(`RabbitMQ ended the consumer of ${spec.name}`));
      else receive(raw, session, channel);
    });
    try {
      await deadline.race(consuming);
      silences.delete(spec.name);
    } catch (error) {
      if (deadline.isOver()) silences.set(spec.name, silent + 1);
      throw error;
    } finally {
      deadline.clear();
    }
  };
  /** What had not begun comes again: to this process, or to another. */
  const forget = () => {
    for (const { timer } of waiting.values()) clearTimeout(timer);
    waiting.clear();
    attached = undefined;
  };
  return {
    async attach(session) {
      if (isStopped) return;
      const channel = await session.channel();
      await channel.prefetch(concurrency);
      session.lost.addEventListener("abort", forget, { once: true });
      attached = { session, channel };
      await consume(session, channel, topology.job(worker, node));
      await consume(session, channel, topology.job(worker, null));
    },
    async stop() {
      const ended = pool.stop();
      isStopped = true;
      const { session, channel } = attached ?? {};
      forget();
      if (session && channel) await session.release(channel);
      await ended;
    },
    abort: (reason) => pool.abort(reason),
  };
}
