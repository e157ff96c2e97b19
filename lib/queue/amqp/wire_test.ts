import { expect, test } from "bun:test";

import type { Message } from "../port.ts";
import { open, seal } from "./wire.ts";

const message: Message = { v: 1, worker: "merge", id: "1", node: "n", requestId: "r" };

test("a message comes out as it went in", () => {
  const { content, properties } = seal(message);
  expect(open(content)).toEqual({ message });
  expect(properties).toMatchObject({ contentType: "application/json", correlationId: "r", persistent: true });
  expect(properties.messageId).not.toBe(seal(message).properties.messageId);
});

test.each([
  ["{", "not JSON"],
  ["null", "message:"],
  [JSON.stringify({ ...message, v: 2 }), "v:"],
  [JSON.stringify({ ...message, worker: "cook" }), "worker:"],
])("says why %s is none", (text, reason) => {
  const opened = open(Buffer.from(text));
  expect(opened.message).toBeNull();
  expect(opened.reason).toContain(reason);
});
