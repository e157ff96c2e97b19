import { expect, test } from "bun:test";

import { memoryQueue } from "./memory.ts";
import type { Message } from "./port.ts";

// What every queue does is in test/contract/queue.ts; here is what only the one in the process does.
const message = (id: string): Message => ({ v: 1, worker: "merge", id, node: "a" });
const failed = (error: unknown) => {
  throw error;
};

test("runs a row once for all messages that waited, and once more for one that came while it ran", async () => {
  const queue = memoryQueue({ onError: failed });
  const ran: string[] = [];
  for (let i = 0; i < 3; i++) await queue.publish(message("1"));
  const gate = Promise.withResolvers<void>();
  const consumer = await queue.consume({ worker: "merge", node: "a", concurrency: 1 }, async ({ id }) => {
    ran.push(id);
    await gate.promise;
  });
  await Bun.sleep(1);
  for (let i = 0; i < 3; i++) await queue.publish(message("1"));
  gate.resolve();
  await Bun.sleep(1);
  expect(ran).toEqual(["1", "1"]);
  await consumer.stop();
  await queue.close();
});

test("reports on which message a handler failed", async () => {
  const reported: unknown[] = [];
  const queue = memoryQueue({ onError: (error, of) => void reported.push([error, of?.id]) });
  const fault = new Error("thrown by the test");
  await queue.consume({ worker: "merge", node: "a", concurrency: 1 }, () => failed(fault));
  await queue.publish(message("1"));
  await Bun.sleep(1);
  expect(reported).toEqual([[fault, "1"]]);
  await queue.close();
});

test("drops what waits and what is held back when closed", async () => {
  const queue = memoryQueue({ onError: failed });
  const ran: string[] = [];
  const consumer = await queue.consume({ worker: "merge", node: "a", concurrency: 1 }, async ({ id }, signal) => {
    ran.push(id);
    await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
  });
  for (const id of ["1", "2"]) await queue.publish(message(id));
  await queue.publish(message("3"), { delayMs: 5 });
  await Bun.sleep(1);
  // A consumer that is being stopped still hears of the close.
  const stopping = consumer.stop();
  await queue.close();
  await stopping;
  await Bun.sleep(20);
  expect(ran).toEqual(["1"]);
});

test("refuses a concurrency below 1", async () => {
  const queue = memoryQueue({ onError: failed });
  const consuming = queue.consume({ worker: "merge", node: "a", concurrency: 0 }, async () => {});
  expect(await consuming.catch((error: unknown) => error)).toBeInstanceOf(RangeError);
});

test("keeps no process alive once closed", async () => {
  const code = `
    import { memoryQueue } from ${JSON.stringify(`${import.meta.dir}/memory.ts`)};
    const queue = memoryQueue({ onError: console.error });
    await queue.publish({ v: 1, worker: "merge", id: "1", node: null }, { delayMs: 60_000 });
    await queue.close();`;
  const child = Bun.spawn([process.execPath, "-e", code], { stderr: "inherit", timeout: 20_000 });
  expect(await child.exited).toBe(0);
});
