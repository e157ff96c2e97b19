import { afterAll, beforeAll, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";

import { isAppError } from "#lib/errors/mod.ts";
import { newId } from "#lib/id/mod.ts";
import { createPublisher, maxUnconfirmed } from "#lib/queue/amqp/publisher.ts";
import { openSession } from "#lib/queue/amqp/session.ts";
import { createSubscription } from "#lib/queue/amqp/subscription.ts";
import { createTopology, declareExchanges } from "#lib/queue/amqp/topology.ts";
import { seal } from "#lib/queue/amqp/wire.ts";
import { type Message, openQueue, type Queue, workerNames } from "#lib/queue/mod.ts";

import { eventually } from "../contract/eventually.ts";
import { type AmqpServer, amqpServer, expiresMs } from "../support/amqp.ts";
import { ownVhost, rabbitmqctl } from "../support/rabbitmqctl.ts";
import { lacksServers } from "../support/real_servers.ts";

setDefaultTimeout(180_000);

const never = new AbortController().signal;

describe.skipIf(lacksServers("amqp"))("the queue on RabbitMQ, when that fails", () => {
  let server: AmqpServer;
  let queue: Queue;
  let other: Queue;
  beforeAll(async () => {
    server = await amqpServer();
    [queue, other] = [await server.connect(), await server.connect()];
  });
  afterAll(async () => server[Symbol.asyncDispose]());

  const newNode = () => `n${newId().slice(1)}`;
  const newMessage = (node: string | null): Message => ({ v: 1, worker: "merge", id: newId(), node });
  const collect = async (by: Queue, node: string) => {
    const seen = new Set<string>();
    const consumer = await by.consume({ worker: "merge", node, concurrency: 8 }, async ({ id }) => void seen.add(id));
    return { seen, consumer };
  };
  /** Publishes without end from so many callers at once, each going on after a refusal as callers do. */
  const publishOn = (by: Queue, node: string, callers = 64) => {
    const [taken, refused] = [new Set<string>(), [] as unknown[]];
    const over = new AbortController();
    const caller = async () => {
      while (!over.signal.aborted) {
        const message = newMessage(node);
        try {
          await by.publish(message);
          taken.add(message.id);
        } catch (error) {
          refused.push(error);
          await Bun.sleep(20);
        }
      }
    };
    const calling = Promise.all(Array.from({ length: callers }, caller));
    return {
      taken,
      refused,
      async stop() {
        over.abort();
        await calling;
      },
    };
  };
  const reachable = (by: Queue) =>
    eventually(
      "connected again",
      async () =>
        by.check(never).then(
          () => true,
          () => false,
        ),
      60_000,
    );
  // The test before may have ended before the other one was back.
  beforeEach(async () => void (await Promise.all([reachable(queue), reachable(other)])));
  /** Past it a queue that was declared outlives kill -9: until then RabbitMQ 3.10 comes back with one that is dead. */
  const registered = () => Bun.sleep(2000);
  const pidOf = () => server.servers.stack.pids["amqp"] ?? 0;

  test("kill -9 in the middle: what was confirmed is handled, and all goes on by itself", async () => {
    const node = newNode();
    const { seen, consumer } = await collect(other, node);
    await registered();
    const publishing = publishOn(queue, node);
    await eventually("a thousand are published", () => publishing.taken.size >= 1000, 60_000);

    await server.servers.stack.kill("amqp");
    await eventually("publishing is refused", () => publishing.refused.length > 0);
    const before = publishing.taken.size;
    await server.servers.stack.start("amqp");
    await eventually("a thousand more are published", () => publishing.taken.size >= before + 1000, 60_000);
    await publishing.stop();

    await eventually("every confirmed one is handled", () => publishing.taken.isSubsetOf(seen), 60_000);
    for (const error of publishing.refused) expect(error).toMatchObject({ code: "unavailable" });
    for (const { error } of server.errors) expect(error).toMatchObject({ code: "unavailable" });
    await consumer.stop();
  });

  test("a queue that died with the broker is made anew", async () => {
    const node = newNode();
    const { seen, consumer } = await collect(other, node);
    await server.servers.stack.kill("amqp");
    await server.servers.stack.start("amqp");
    const publishing = publishOn(queue, node, 4);
    await eventually("messages come", () => seen.size >= 10, 110_000);
    await publishing.stop();
    await consumer.stop();
    await Promise.all([reachable(queue), reachable(other)]);
  });

  test("who begins to consume when the broker dies, or while it is away, does so once it is back", async () => {
    const [node, otherNode] = [newNode(), newNode()];
    process.kill(pidOf(), "SIGSTOP");
    const dying = collect(other, node);
    await server.servers.stack.kill("amqp");
    const { seen, consumer } = await dying;
    const away = await collect(other, otherNode);
    await server.servers.stack.start("amqp");
    await Promise.all([reachable(queue), reachable(other)]);
    const publishing = [publishOn(queue, node, 4), publishOn(queue, otherNode, 4)];
    await eventually("messages come", () => seen.size >= 10 && away.seen.size >= 10, 110_000);
    await Promise.all(publishing.map((each) => each.stop()));
    await Promise.all([consumer.stop(), away.consumer.stop()]);
  });

  test("several that begin at once on a broker without a queue all consume", async () => {
    for (let round = 0; round < 8; round++) {
      await using vhost = await ownVhost(server.servers.stack);
      const onError = () => {};
      const queues = await Promise.all([0, 1, 2].map(() => openQueue({ url: vhost.url, onError })));
      const nodes = queues.map(() => newNode());
      const seen = new Set<string>();
      const begin = queues.flatMap((by, i) =>
        workerNames.map(
          async (worker) =>
            await by.consume({ worker, node: nodes[i] ?? "", concurrency: 1 }, async ({ id }) => void seen.add(id)),
        ),
      );
      await Promise.all(begin);
      await Promise.all(queues.map(reachable));
      const messages = nodes.flatMap((node) => workerNames.map((worker): Message => ({ ...newMessage(node), worker })));
      for (const message of messages) await queues[0]?.publish(message);
      await eventually("all are handled", () => messages.every(({ id }) => seen.has(id)), 60_000);
      await Promise.all(queues.map((each) => each.close()));
    }
  });

  test("one that is refused its queue, for another kind stands there, says so", async () => {
    const node = newNode();
    const { name } = createTopology(server.prefix, expiresMs).job("merge", node);
    await server.raw((channel) => channel.assertQueue(name, { durable: false, autoDelete: true }));
    const refused = await collect(queue, node).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: "unavailable", message: expect.stringContaining("406") });
    await reachable(queue);
  });

  test("hints go on after it was away", async () => {
    const heard = new Set<string>();
    const stop = other.onNotify((topic) => void heard.add(topic));
    await server.servers.stack.kill("amqp");
    await eventually("the loss is seen", () =>
      queue.check(never).then(
        () => false,
        () => true,
      ),
    );
    // Nobody hears it elsewhere, and nothing throws.
    queue.notify("while away");
    await server.servers.stack.start("amqp");
    await Promise.all([reachable(queue), reachable(other)]);
    queue.notify("after");
    await eventually("heard", () => heard.has("after"));
    expect(heard.has("while away")).toBe(false);
    stop();
  });

  test("every queue purged, then deleted, in the middle: the messages are lost, and all goes on", async () => {
    const node = newNode();
    const { seen, consumer } = await collect(other, node);
    const publishing = publishOn(queue, node, 16);
    const queues = [`${server.prefix}.merge.${node}`, `${server.prefix}.merge.any`];
    await eventually("it runs", () => seen.size >= 100);
    await server.raw(async (channel) => {
      for (const name of queues) await channel.purgeQueue(name);
    });
    const purgedAt = seen.size;
    await eventually("it goes on", () => seen.size >= purgedAt + 200);
    await server.raw(async (channel) => {
      for (const name of queues) await channel.deleteQueue(name);
    });
    const deletedAt = seen.size;
    await eventually("it goes on again", () => seen.size >= deletedAt + 200, 60_000);
    await publishing.stop();
    // RabbitMQ 3.10 ends the connection (541) when the queue of a message on its way is deleted.
    for (const error of publishing.refused) expect(error).toMatchObject({ code: "unavailable" });
    await Promise.all([reachable(queue), reachable(other)]);

    // A consumer that lost its queue hears so, and has it again.
    const last = newMessage(node);
    await queue.publish(last);
    await eventually("the last", () => seen.has(last.id));
    await consumer.stop();
  });

  test("frozen: publishing ends in time and the process goes on; thawed: all is as before", async () => {
    const node = newNode();
    const pid = pidOf();
    await queue.publish(newMessage(node));
    let ticks = 0;
    const timer = setInterval(() => ticks++, 10);
    process.kill(pid, "SIGSTOP");
    try {
      const outcomes = await Promise.allSettled(Array.from({ length: 300 }, () => queue.publish(newMessage(node))));
      for (const outcome of outcomes) expect(outcome).toMatchObject({ status: "rejected", reason: { code: "unavailable" } });
      expect(await queue.check(never).catch((error: unknown) => error)).toMatchObject({ code: "unavailable" });
      // A process that hung could not have counted.
      expect(ticks).toBeGreaterThan(50);
      const opening = openQueue({ url: server.url, onError: () => {} });
      expect(String(await opening.catch((error: unknown) => error))).toContain("AMQP_URL");
    } finally {
      process.kill(pid, "SIGCONT");
      clearInterval(timer);
    }
    await Promise.all([reachable(queue), reachable(other)]);
    const message = newMessage(node);
    const { seen, consumer } = await collect(other, node);
    await eventually(
      "publishing again",
      () =>
        queue.publish(message).then(
          () => true,
          () => false,
        ),
      60_000,
    );
    await eventually("delivered", () => seen.has(message.id), 60_000);
    await consumer.stop();
  });

  test("short of memory: publishing is refused, consumers go on; then all is as before", async () => {
    const { stack } = server.servers;
    const node = newNode();
    const messages = Array.from({ length: 50 }, () => newMessage(node));
    await Promise.all(messages.map((message) => queue.publish(message)));
    await rabbitmqctl(stack, "set_vm_memory_high_watermark", "absolute", "1MB");
    try {
      expect(await queue.publish(newMessage(node)).catch((error: unknown) => error)).toMatchObject({ code: "unavailable" });
      // By now the broker has said so.
      expect(String(await queue.publish(newMessage(node)).catch((error: unknown) => error))).toContain("takes no messages now");
      const { seen, consumer } = await collect(queue, node);
      await eventually("all delivered", () => messages.every(({ id }) => seen.has(id)));
      await consumer.stop();
    } finally {
      await rabbitmqctl(stack, "set_vm_memory_high_watermark", "absolute", "512MB");
    }
    await eventually(
      "publishing again",
      () =>
        queue.publish(newMessage(node)).then(
          () => true,
          () => false,
        ),
      60_000,
    );
  });

  test("messages that nobody understands are parked, and hold nobody up", async () => {
    const node = newNode();
    const { seen, consumer } = await collect(other, node);
    const bodies = ["{", "null", JSON.stringify({ ...newMessage(node), v: 2 }), JSON.stringify({ v: 1, worker: "merge" })];
    const route = `merge.${node}`;
    await server.raw(async (channel) => {
      for (const body of bodies) channel.publish(`${server.prefix}.jobs`, route, Buffer.from(body));
    });
    const good = newMessage(node);
    await queue.publish(good);
    await eventually("the good one", () => seen.has(good.id));
    const parked = async () => {
      const list = await queue.parked({ limit: 100 });
      return list.length === bodies.length && list;
    };
    const list = await eventually("all parked", parked);
    expect(list.map(({ body }) => body).toSorted()).toEqual(bodies.toSorted());
    for (const stray of list) expect(stray).toMatchObject({ message: null, route, reason: expect.stringMatching(/./) });
    // Still not understood: they come back.
    let replayed = 0;
    // What was listed is there to be taken a moment later only.
    await eventually("all replayed", async () => (replayed += await queue.replayParked()) >= bodies.length);
    await eventually("parked again", parked);
    await consumer.stop();

    // One that nobody has a worker for stays where it is, and is not taken for the others.
    await server.raw(async (channel) => {
      await channel.purgeQueue(`${server.prefix}.parked`);
      channel.sendToQueue(`${server.prefix}.parked`, Buffer.from("?"), { headers: { "x-sluice-route": "cook.any" } });
    });
    await eventually("it lies there", async () => (await queue.countParked()) === 1);
    expect(await queue.replayParked()).toBe(0);
    await eventually("and stays", async () => (await queue.countParked()) === 1);
    await server.raw((channel) => channel.purgeQueue(`${server.prefix}.parked`));
  });

  test("a replay that loses the broker in the middle loses no message", async () => {
    const node = newNode();
    const messages = Array.from({ length: 300 }, () => newMessage(node));
    for (const message of messages) await queue.park(message, "parked by the test");
    await queue.publish(newMessage(node));
    await registered();
    const replaying = queue.replayParked().catch((error: unknown) => error);
    await eventually("some are replayed", async () => (await other.countParked()) < 250);
    await server.servers.stack.kill("amqp");
    await replaying;
    await server.servers.stack.start("amqp");
    await Promise.all([reachable(queue), reachable(other)]);
    const { seen, consumer } = await collect(other, node);
    await eventually("the rest is replayed", async () => {
      await queue.replayParked();
      return messages.every(({ id }) => seen.has(id));
    });
    await consumer.stop();
  });

  test("a message that waits too long for a free handler is for another process", async () => {
    const topology = createTopology(server.prefix, expiresMs);
    const node = newNode();
    const session = await openSession(server.url, never);
    const finish = Promise.withResolvers<void>();
    const busy = createSubscription({
      topology,
      worker: "merge",
      node,
      concurrency: 1,
      holdMs: 100,
      handle: () => finish.promise,
      onError: (error) => void server.errors.push({ error, message: undefined }),
      setAside: async () => {},
    });
    await busy.attach(session);
    const messages = Array.from({ length: 3 }, () => newMessage(node));
    for (const message of messages) await queue.publish(message);
    const { seen, consumer } = await collect(other, node);
    await eventually("the two that waited", () => seen.size === 2);
    finish.resolve();
    await Promise.all([busy.stop(), consumer.stop()]);
    await session.close();
  });

  test("of 200,000, as many as 20,000 at once, few are on their way, and each one is taken or refused", async () => {
    const topology = createTopology(server.prefix, expiresMs);
    const session = await openSession(server.url, never);
    await session.withChannel((channel) => declareExchanges(channel, topology));
    const publisher = await createPublisher(session);
    const node = newNode();
    const target = { exchange: topology.jobs, routingKey: `merge.${node}`, queues: [topology.job("merge", node)] };
    let [most, taken, refused] = [0, 0, 0];
    const publish = async () => {
      try {
        await publisher.publish(target, seal(newMessage(node)));
        taken += 1;
      } catch (error) {
        if (!isAppError(error, "unavailable")) throw error;
        refused += 1;
      }
      most = Math.max(most, publisher.unconfirmed());
    };
    for (let round = 0; round < 10; round++) await Promise.all(Array.from({ length: 20_000 }, publish));
    expect(taken + refused).toBe(200_000);
    expect(taken).toBeGreaterThan(maxUnconfirmed);
    expect(most).toBeLessThanOrEqual(maxUnconfirmed);
    // Who no longer waits may be answered later.
    await eventually("the broker has answered all", () => publisher.unconfirmed() === 0, 120_000);
    await session.close();
  });

  test("closing does not wait for a frozen broker", async () => {
    const closing = await server.connect();
    const pid = pidOf();
    process.kill(pid, "SIGSTOP");
    try {
      await closing.close();
    } finally {
      process.kill(pid, "SIGCONT");
    }
    await Promise.all([reachable(queue), reachable(other)]);
  });
});

describe.skipIf(lacksServers("amqp"))("a start with a wrong AMQP_URL", () => {
  let server: AmqpServer;
  beforeAll(async () => void (server = await amqpServer()));
  afterAll(async () => server[Symbol.asyncDispose]());

  const refusal = async (change: (url: URL) => void) => {
    const url = new URL(server.url);
    change(url);
    const error: unknown = await openQueue({ url: url.href, onError: () => {} }).then(
      async (queue) => queue.close(),
      (error: unknown) => error,
    );
    expect(isAppError(error, "unavailable")).toBe(true);
    expect(String(error)).toContain("AMQP_URL");
    expect(Bun.inspect(error)).not.toContain(new URL(server.url).password);
    return error instanceof Error ? error.message : "";
  };

  test("says that the password is refused, and not which it was", async () => {
    const message = await refusal((url) => (url.password = "hunter2"));
    expect(message).toContain("refuses the password of user sluice");
    expect(message).not.toContain("hunter2");
  });
  test("says that there is no such vhost", async () => {
    expect(await refusal((url) => (url.pathname = "/nowhere"))).toContain('no vhost "nowhere"');
  });
  test("says that nobody listens there", async () => {
    expect(await refusal((url) => (url.port = "1"))).toContain("127.0.0.1:1: ECONNREFUSED");
  });
  test("takes one with a vhost and a heartbeat", async () => {
    await using vhost = await ownVhost(server.servers.stack);
    const queue = await openQueue({ url: `${vhost.url}?heartbeat=5`, onError: () => {} });
    await queue.publish({ v: 1, worker: "push", id: "1", node: null });
    await queue.close();
  });
});
