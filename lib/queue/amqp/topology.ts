import type { Channel, Options } from "amqplib";

import { routeOf } from "../backlog.ts";
import type { WorkerName } from "../port.ts";
import { delaySteps } from "./delay_step.ts";

/** A quorum queue, and what feeds it. */
export interface QueueSpec {
  name: string;
  /** Where messages come from; `null` for the default exchange, which routes by the queue's name. */
  source: { exchange: string; key: string } | null;
  /** Beside those that every queue has. */
  arguments: Record<string, unknown>;
}

/** The names of all that the queue has at the broker. */
export interface Topology {
  /** Topic exchange: `<worker>.<node>`, or `<worker>.any`. */
  jobs: string;
  /** Fanout exchange of hints. */
  hints: string;
  /** What waits for a person. */
  parked: QueueSpec;
  /** `null` is any node. */
  job(worker: WorkerName, node: string | null): QueueSpec;
  /** Where a message waits for so many seconds; its exchange has the queue's name. */
  wait(seconds: number): QueueSpec;
}

/** A node's queue that nobody has asked for so long is gone, and what it holds with it: the rows remain. */
const unusedMs = 7 * 24 * 3_600_000;
/** Waiting wake-ups beyond it go, the oldest first (or new ones are refused), as in the memory engine: the rows remain. */
const maxLength = 100_000;

/**
 * A queue cannot be declared again with other arguments (RabbitMQ answers 406): who changes these changes the names too.
 *
 * @param expiresMs how long a node's queue outlives its last use.
 */
export function createTopology(prefix: string, expiresMs = unusedMs): Topology {
  const jobs = `${prefix}.jobs`;
  return {
    jobs,
    hints: `${prefix}.hints`,
    parked: { name: `${prefix}.parked`, source: null, arguments: {} },
    job: (worker, node) => ({
      name: `${prefix}.${routeOf(worker, node)}`,
      source: { exchange: jobs, key: routeOf(worker, node) },
      arguments: { "x-max-length": maxLength, ...(node !== null && { "x-expires": expiresMs }) },
    }),
    wait: (seconds) => ({
      name: `${prefix}.wait.${seconds}`,
      source: { exchange: `${prefix}.wait.${seconds}`, key: "" },
      arguments: {
        "x-max-length": maxLength,
        "x-message-ttl": seconds * 1000,
        // No routing key: each message keeps its own.
        "x-dead-letter-exchange": jobs,
        "x-dead-letter-strategy": "at-least-once",
        // At-least-once asks for it: a full queue refuses rather than drops.
        "x-overflow": "reject-publish",
      },
    }),
  };
}

/** Declares what does not depend on nodes; a queue in whose stead another kind stands is 406 and closes the channel. */
export async function declareExchanges(channel: Channel, topology: Topology): Promise<void> {
  await channel.assertExchange(topology.jobs, "topic", { durable: true });
  await channel.assertExchange(topology.hints, "fanout", { durable: true });
  for (const seconds of delaySteps) await channel.assertExchange(topology.wait(seconds).name, "fanout", { durable: true });
}

/** Declares a queue and its binding. @returns how many messages are ready in it. */
export async function declareQueue(channel: Channel, { name, source, ...spec }: QueueSpec): Promise<number> {
  const options: Options.AssertQueue = { durable: true, arguments: { ...everywhere, ...spec.arguments } };
  const { messageCount } = await channel.assertQueue(name, options);
  if (source) await channel.bindQueue(name, source.exchange, source.key);
  return messageCount;
}

const everywhere = {
  "x-queue-type": "quorum",
  // RabbitMQ 4 drops what was given back 20 times, which each listing of the parked does once.
  "x-delivery-limit": 1_000_000_000,
};
