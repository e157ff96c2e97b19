import { expect, test } from "bun:test";

import { createNotifier } from "./notifier.ts";

function setup() {
  const errors: unknown[] = [];
  return { errors, notifier: createNotifier((error) => void errors.push(error)) };
}

test("tells a topic once, however often it was named in a turn", async () => {
  const { notifier } = setup();
  const heard: string[] = [];
  notifier.onNotify((topic) => void heard.push(topic));
  for (const topic of ["a", "b", "a", "a"]) notifier.notify(topic);
  expect(heard).toEqual([]);
  await Promise.resolve();
  expect(heard).toEqual(["a", "b"]);
  notifier.notify("a");
  await Promise.resolve();
  expect(heard).toEqual(["a", "b", "a"]);
});

test("tells again what a listener names while it is told", async () => {
  const { notifier } = setup();
  const heard: string[] = [];
  notifier.onNotify((topic) => {
    if (heard.push(topic) === 1) notifier.notify(topic);
  });
  notifier.notify("a");
  await Bun.sleep(1);
  expect(heard).toEqual(["a", "a"]);
});

test("reports a listener that throws, and tells the others", async () => {
  const { notifier, errors } = setup();
  const fault = new Error("thrown by the test");
  const heard: string[] = [];
  notifier.onNotify(() => {
    throw fault;
  });
  notifier.onNotify((topic) => void heard.push(topic));
  notifier.notify("a");
  await Bun.sleep(1);
  expect(heard).toEqual(["a"]);
  expect(errors).toEqual([fault]);
});

test("does not call a listener that was let go in the same turn, and one that listens twice is two", async () => {
  const { notifier } = setup();
  const heard: string[] = [];
  const listener = (topic: string) => void heard.push(topic);
  const stop = notifier.onNotify(listener);
  notifier.onNotify(listener);
  notifier.notify("a");
  stop();
  await Bun.sleep(1);
  expect(heard).toEqual(["a"]);
});
