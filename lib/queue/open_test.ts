import { expect, test } from "bun:test";

import { openQueue } from "./open.ts";

const onError = () => {};

test("is in the process by default", async () => {
  const queue = await openQueue({ onError });
  expect(queue.engine).toBe("memory");
  await queue.close();
});

test("refuses a broker it does not know, without repeating its password", async () => {
  const error: unknown = await openQueue({ url: "mqtt://user:secret@host", onError }).catch((e: unknown) => e);
  // Strings first: an asymmetric matcher in toMatchObject takes the message's place (Bun 1.4.5).
  expect(String(error)).toContain("mqtt:");
  expect(String(error)).not.toContain("secret");
  expect(error).toMatchObject({ code: "invalid-request" });
});
