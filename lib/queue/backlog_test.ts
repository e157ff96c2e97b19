import { expect, test } from "bun:test";

import { createBacklog } from "./backlog.ts";
import type { Message } from "./port.ts";

const message = (id: string, node: string | null = "a"): Message => ({ v: 1, worker: "merge", id, node });

test("gives messages in the order they came, a node's own first", () => {
  const backlog = createBacklog(10);
  for (const m of [message("1", null), message("2"), message("3"), message("4", "b")]) backlog.add(m);
  expect([1, 2, 3, 4].map(() => backlog.take("merge", "a")?.id)).toEqual(["2", "3", "1", undefined]);
  expect(backlog.take("push", "b")).toBeUndefined();
  expect(backlog.take("merge", "b")?.id).toBe("4");
});

test("merges a message with the one that waits for the same row", () => {
  const backlog = createBacklog(10);
  for (const id of ["1", "2", "1"]) backlog.add(message(id));
  expect([1, 2, 3].map(() => backlog.take("merge", "a")?.id)).toEqual(["1", "2", undefined]);
  backlog.add(message("1"));
  expect(backlog.take("merge", "a")?.id).toBe("1");
});

test("drops the oldest when there are too many", () => {
  const backlog = createBacklog(3);
  for (let i = 0; i < 10; i++) backlog.add(message(`${i}`));
  backlog.add(message("7"));
  expect([1, 2, 3, 4].map(() => backlog.take("merge", "a")?.id)).toEqual(["7", "8", "9", undefined]);
});

test("is empty when cleared", () => {
  const backlog = createBacklog(3);
  backlog.add(message("1"));
  backlog.clear();
  expect(backlog.take("merge", "a")).toBeUndefined();
});
