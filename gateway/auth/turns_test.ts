import { expect, test } from "bun:test";

import { isAppError } from "#lib/errors/mod.ts";

import { createTurns } from "./turns.ts";

test("no more tasks run at once than may, and the queue behind them is bounded", async () => {
  const inTurn = createTurns(2);
  let [running, most] = [0, 0];
  const task = async () => {
    most = Math.max(most, ++running);
    await Bun.sleep(1);
    running--;
  };
  const results = await Promise.allSettled(Array.from({ length: 400 }, () => inTurn(task)));
  const refused = results.flatMap((r) => (r.status === "rejected" ? [r.reason] : []));
  expect(most).toBe(2);
  expect(refused.length).toBeWithin(400 - 2 - 2 * 128, 400 - 2 * 128 + 1);
  expect(refused.every((e) => isAppError(e, "unavailable") && e.retryAfterSeconds === 1)).toBe(true);
  await inTurn(task);
});
