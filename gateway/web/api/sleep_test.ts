import { expect, test } from "bun:test";

import { sleep } from "./sleep.ts";

test("ends early when the connection is back", async () => {
  const wake = new EventTarget();
  const slept = sleep(60_000, undefined, wake);
  wake.dispatchEvent(new Event("online"));
  await slept;
});

test("is rejected with the reason of its signal", async () => {
  const control = new AbortController();
  const slept = sleep(60_000, control.signal);
  control.abort(new Error("paused"));
  await expect(slept).rejects.toThrow("paused");
  await expect(sleep(1, control.signal)).rejects.toThrow("paused");
});
