import { afterAll, beforeAll, describe, expect, test } from "bun:test";

import { newId } from "#lib/id/mod.ts";
import type { Consumer, Message, Queue } from "#lib/queue/mod.ts";

import { eventually } from "./eventually.ts";

/** An engine and what the suite must know of it. */
export interface QueueHarness {
  /** One process's queue; the suite calls it again for another process's (where there is only one, the same is given). */
  connect(): Promise<Queue>;
  /** What was reported to the `onError` of any of them. */
  errors(): unknown[];
  /** Closes all queues and removes all that the harness made. */
  close(): Promise<void>;
}

/** A node of its own for each test: what other tests or runs have left in a broker's queues does not matter. */
function newNode(): string {
  return `n${newId().slice(1)}`;
}

function newMessage(node: string | null): Message {
  return { v: 1, worker: "merge", id: newId(), node };
}

/** What every engine of the queue port must do: at least once, in no order, in the end. */
export function queueContract(name: string, open: () => Promise<QueueHarness>): void {
  describe(`queue: ${name}`, () => {
    let harness: QueueHarness;
    let queue: Queue;
    let other: Queue;
    beforeAll(async () => {
      harness = await open();
      queue = await harness.connect();
      other = await harness.connect();
    });
    afterAll(async () => harness.close());

    const consume = async (node: string, handle: (message: Message, signal: AbortSignal) => Promise<void>, concurrency = 4) =>
      queue.consume({ worker: "merge", node, concurrency }, handle);
    const collect = async (node: string): Promise<{ seen: Map<string, Message>; consumer: Consumer }> => {
      const seen = new Map<string, Message>();
      const consumer = await consume(node, async (message) => void seen.set(message.id, message));
      return { seen, consumer };
    };

    test("names its engine", () => expect(queue.engine).toMatch(/^[a-z0-9]+$/));

    test("delivers what is published, as it was", async () => {
      const node = newNode();
      const { seen, consumer } = await collect(node);
      const message: Message = { ...newMessage(node), requestId: newId() };
      await other.publish(message);
      expect(await eventually("delivery", () => seen.get(message.id))).toEqual(message);
      await consumer.stop();
    });

    test("keeps what is published before there is a consumer", async () => {
      const node = newNode();
      const messages = Array.from({ length: 20 }, () => newMessage(node));
      for (const message of messages) await queue.publish(message);
      const { seen, consumer } = await collect(node);
      await eventually("all delivered", () => messages.every(({ id }) => seen.has(id)));
      await consumer.stop();
    });

    test("delivers a thousand published at once", async () => {
      const node = newNode();
      const { seen, consumer } = await collect(node);
      const messages = Array.from({ length: 1000 }, () => newMessage(node));
      await Promise.all(messages.map(async (message) => other.publish(message)));
      await eventually("all delivered", () => messages.every(({ id }) => seen.has(id)));
      await consumer.stop();
    });

    test("holds a delayed message back, and no other with it", async () => {
      const node = newNode();
      const at = new Map<string, number>();
      const consumer = await consume(node, async ({ id }) => void at.set(id, performance.now()));
      const [late, soon] = [newMessage(node), newMessage(node)];
      const published = performance.now();
      await queue.publish(late, { delayMs: 400 });
      await queue.publish(soon);
      await eventually("both delivered", () => at.has(late.id) && at.has(soon.id));
      // A timer may fire a millisecond early.
      expect((at.get(late.id) ?? 0) - published).toBeGreaterThanOrEqual(398);
      expect(at.get(soon.id)).toBeLessThan(at.get(late.id) ?? 0);
      await consumer.stop();
    });

    test("brings a node's messages to that node only, and those for any to one of them", async () => {
      const [nodeA, nodeB] = [newNode(), newNode()];
      const [a, b] = [await collect(nodeA), await collect(nodeB)];
      const [forA, forB] = [newMessage(nodeA), newMessage(nodeB)];
      const forAny = Array.from({ length: 10 }, () => newMessage(null));
      for (const message of [forA, forB, ...forAny]) await queue.publish(message);
      await eventually("all delivered", () => forAny.every(({ id }) => a.seen.has(id) || b.seen.has(id)));
      await eventually("each its own", () => a.seen.has(forA.id) && b.seen.has(forB.id));
      expect([a.seen.has(forB.id), b.seen.has(forA.id)]).toEqual([false, false]);
      await Promise.all([a.consumer.stop(), b.consumer.stop()]);
    });

    test("brings a worker's messages to that worker only", async () => {
      const node = newNode();
      const { seen, consumer } = await collect(node);
      const pushed: Message = { ...newMessage(node), worker: "push" };
      const merged = newMessage(node);
      await queue.publish(pushed);
      await queue.publish(merged);
      await eventually("the merge", () => seen.has(merged.id));
      expect(seen.has(pushed.id)).toBe(false);
      await consumer.stop();
    });

    test("runs as many handlers at once as asked for, and no more", async () => {
      const node = newNode();
      const handled = new Set<string>();
      const three = Promise.withResolvers<void>();
      let [running, most] = [0, 0];
      const consumer = await consume(
        node,
        async ({ id }) => {
          most = Math.max(most, ++running);
          if (running === 3) three.resolve();
          await three.promise;
          await Bun.sleep(5);
          running -= 1;
          handled.add(id);
        },
        3,
      );
      const messages = Array.from({ length: 12 }, () => newMessage(node));
      for (const message of messages) await queue.publish(message);
      await eventually("all handled", () => handled.size === messages.length);
      expect(most).toBe(3);
      await consumer.stop();
    });

    test("finishes what is in hand when stopped, and takes no more", async () => {
      const node = newNode();
      const finish = Promise.withResolvers<void>();
      const begun: string[] = [];
      const ended: string[] = [];
      const handle = async ({ id }: Message, signal: AbortSignal) => {
        begun.push(id);
        await finish.promise;
        signal.throwIfAborted();
        ended.push(id);
      };
      const consumer = await consume(node, handle, 1);
      const [first, second] = [newMessage(node), newMessage(node)];
      await queue.publish(first);
      await eventually("the first has begun", () => begun.includes(first.id));
      await queue.publish(second);
      let stopped = false;
      const stopping = consumer.stop().then(() => (stopped = true));
      await Bun.sleep(50);
      expect(stopped).toBe(false);
      finish.resolve();
      await stopping;
      expect([begun, ended]).toEqual([[first.id], [first.id]]);
      await consumer.stop();

      const { seen, consumer: next } = await collect(node);
      await eventually("the second, by the next consumer", () => seen.has(second.id));
      await next.stop();
    });

    test("reports a handler that throws, and goes on", async () => {
      const node = newNode();
      const seen = new Set<string>();
      const fault = new Error("thrown by the test");
      const consumer = await consume(
        node,
        async ({ id }) => {
          seen.add(id);
          throw fault;
        },
        1,
      );
      const messages = Array.from({ length: 5 }, () => newMessage(node));
      for (const message of messages) await queue.publish(message);
      await eventually("all handled", () => messages.every(({ id }) => seen.has(id)));
      await eventually("all reported", () => harness.errors().filter((error) => error === fault).length >= 5);
      await consumer.stop();
    });

    test("brings hints to the listeners of every process, until they stop listening", async () => {
      const topic = newId();
      const heard: string[][] = [[], [], []];
      const stops = [queue, queue, other].map((q, i) => q.onNotify((t) => void heard[i]?.push(t)));
      queue.notify(topic);
      await eventually("all heard", () => heard.every((topics) => topics.includes(topic)));
      stops[0]?.();
      stops[0]?.();
      const before = heard[0]?.length;
      const next = newId();
      other.notify(next);
      await eventually("the others heard", () => heard.slice(1).every((topics) => topics.includes(next)));
      expect(heard[0]?.length).toBe(before ?? -1);
      for (const stop of stops) stop();
    });

    test("refuses a signal that is aborted already", async () => {
      const reason = new Error("aborted by the test");
      const node = newNode();
      const { seen, consumer } = await collect(node);
      const [refused, taken] = [newMessage(node), newMessage(node)];
      const publishing = queue.publish(refused, { signal: AbortSignal.abort(reason) });
      expect(await publishing.catch((error: unknown) => error)).toBe(reason);
      await queue.publish(taken);
      await eventually("the other", () => seen.has(taken.id));
      expect(seen.has(refused.id)).toBe(false);
      await consumer.stop();
    });

    test("parks what it is given, lists it as long as nobody replays it, and then delivers it", async () => {
      const node = newNode();
      const { seen, consumer } = await collect(node);
      const [parked, other] = [newMessage(node), newMessage(node)];
      await queue.park(parked, "parked by the test");
      await queue.publish(other);
      await eventually("the other", () => seen.has(other.id));
      for (let look = 0; look < 3; look++) {
        const found = await eventually("the parked one in the list", async () =>
          (await queue.parked({ limit: 1000 })).find(({ message }) => message?.id === parked.id),
        );
        expect(found).toMatchObject({ message: parked, reason: "parked by the test", route: `merge.${node}` });
        expect(Math.abs(found.parkedAt - Date.now())).toBeLessThan(60_000);
        expect(JSON.parse(found.body)).toEqual(parked);
      }
      await eventually("the count", async () => (await queue.countParked()) === 1);
      expect(seen.has(parked.id)).toBe(false);
      expect(await queue.replayParked()).toBe(1);
      await eventually("the replayed one", () => seen.has(parked.id));
      expect([await queue.countParked(), await queue.parked({ limit: 10 }), await queue.replayParked()]).toEqual([0, [], 0]);
      await consumer.stop();
    });

    test("lists as many of the parked as asked for, and replays all", async () => {
      const node = newNode();
      const messages = Array.from({ length: 5 }, () => newMessage(node));
      for (const message of messages) await queue.park(message, "parked by the test");
      expect((await queue.parked({ limit: 3 })).map(({ message }) => message)).toEqual(messages.slice(0, 3));
      await eventually("all counted again", async () => (await queue.countParked()) === 5);
      expect(await queue.replayParked()).toBe(5);
      const { seen, consumer } = await collect(node);
      await eventually("all delivered", () => messages.every(({ id }) => seen.has(id)));
      await consumer.stop();
    });

    test("refuses to list, count, park or replay with a signal that is aborted already", async () => {
      const reason = new Error("aborted by the test");
      const signal = AbortSignal.abort(reason);
      const refused = [
        queue.park(newMessage(null), "no", { signal }),
        queue.parked({ limit: 1, signal }),
        queue.countParked(signal),
        queue.replayParked(signal),
        queue.check(signal),
      ];
      for (const call of refused) expect(await call.catch((error: unknown) => error)).toBe(reason);
    });

    test("can be reached", async () => queue.check(new AbortController().signal));

    // The last one: it closes what the others use.
    test("aborts the signals of what runs when closed, and refuses what comes after", async () => {
      const node = newNode();
      const aborted = Promise.withResolvers<void>();
      let begun = false;
      const consumer = await consume(node, async (_, signal) => {
        signal.addEventListener("abort", () => aborted.resolve(), { once: true });
        begun = true;
        await aborted.promise;
      });
      await queue.publish(newMessage(node));
      await eventually("the handler has begun", () => begun);
      await queue.close();
      await aborted.promise;
      await consumer.stop();
      await queue.close();
      expect(await queue.publish(newMessage(node)).catch((error: unknown) => error)).toMatchObject({ code: "unavailable" });
      const refused = [
        queue.check(new AbortController().signal),
        queue.consume({ worker: "merge", node, concurrency: 1 }, async () => {}),
        queue.park(newMessage(node), "no"),
        queue.parked({ limit: 1 }),
        queue.countParked(),
        queue.replayParked(),
      ];
      for (const call of refused) expect(await call.catch((error: unknown) => error)).toMatchObject({ code: "unavailable" });
      queue.notify("nobody hears it, and nothing throws");
    });
  });
}
