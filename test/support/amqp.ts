import { type Channel, type ChannelModel, connect } from "amqplib";

import { newId } from "#lib/id/mod.ts";
import { amqpQueue } from "#lib/queue/amqp.ts";
import { type Message, type Queue, workerNames } from "#lib/queue/mod.ts";

import { type RealServers, realServers } from "./real_servers.ts";

/** A RabbitMQ for a suite, with names of its own in it, and a way past the queue's engine. */
export interface AmqpServer extends AsyncDisposable {
  servers: RealServers;
  url: string;
  /** What the names of this suite's exchanges and queues begin with. */
  prefix: string;
  /** What any engine reported. */
  errors: { error: unknown; message: Message | undefined }[];
  /** One process's queue; ended with all others. */
  connect(): Promise<Queue>;
  /** A channel of amqplib's own, for one task. */
  raw<T>(task: (channel: Channel) => Promise<T>): Promise<T>;
}

/** Queues of nodes go by themselves so long after their last use; the others are deleted at the end. */
export const expiresMs = 120_000;

export async function amqpServer(): Promise<AmqpServer> {
  const servers = await realServers("amqp");
  const url = servers.stack.amqp;
  const prefix = `t-${newId()}`;
  const errors: AmqpServer["errors"] = [];
  const queues: Queue[] = [];
  const raw = async <T>(task: (channel: Channel) => Promise<T>): Promise<T> => {
    const connection: ChannelModel = await connect(url, { timeout: 5000 });
    try {
      const channel = await connection.createConfirmChannel();
      const result = await task(channel);
      // What is not yet sent when the connection closes never is.
      await channel.waitForConfirms();
      return result;
    } finally {
      await connection.close();
    }
  };
  return {
    servers,
    url,
    prefix,
    errors,
    raw,
    async connect() {
      const queue = await amqpQueue({
        url,
        prefix,
        expiresMs,
        onError: (error, message) => void errors.push({ error, message }),
      });
      queues.push(queue);
      return queue;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(queues.map((queue) => queue.close()));
      await servers.stack.start("amqp");
      await raw((channel) => removeAll(channel, prefix));
      await servers[Symbol.asyncDispose]();
    },
  };
}

async function removeAll(channel: Channel, prefix: string): Promise<void> {
  const waits = Array.from({ length: 10 }, (_, i) => `wait.${2 ** i}`);
  const anys = workerNames.map((name) => `${name}.any`);
  for (const name of [...waits, ...anys, "parked"]) await channel.deleteQueue(`${prefix}.${name}`);
  for (const name of [...waits, "jobs", "hints"]) await channel.deleteExchange(`${prefix}.${name}`);
}
