import { describe } from "bun:test";

import { memoryQueue } from "#lib/queue/mod.ts";

import { amqpServer } from "../support/amqp.ts";
import { lacksServers } from "../support/real_servers.ts";
import { queueContract } from "./queue.ts";

queueContract("memory", async () => {
  const errors: unknown[] = [];
  const queue = memoryQueue({ onError: (error) => void errors.push(error) });
  return { connect: async () => queue, errors: () => errors, close: async () => queue.close() };
});

describe.skipIf(lacksServers("amqp"))("on RabbitMQ", () => {
  queueContract("rabbitmq", async () => {
    const server = await amqpServer();
    return {
      connect: () => server.connect(),
      errors: () => server.errors.map(({ error }) => error),
      close: async () => server[Symbol.asyncDispose](),
    };
  });
});
