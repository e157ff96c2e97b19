import { expect, test } from "bun:test";

import { MemoryStorage } from "./memory_storage.ts";
import { refreshLock } from "./refresh_lock.ts";
import { sleep } from "./sleep.ts";

test("without navigator.locks, tabs that share a storage take turns", async () => {
  const storage = new MemoryStorage();
  let running = 0;
  let most = 0;
  const tab = () =>
    refreshLock(
      storage,
      undefined,
    )(async () => {
      most = Math.max(most, ++running);
      await sleep(20);
      running--;
    });
  await Promise.all([tab(), tab(), tab()]);
  expect(most).toBe(1);
});

test("lets go when the task fails", async () => {
  const lock = refreshLock(new MemoryStorage(), undefined);
  const failing = lock(() => Promise.reject(new Error("no")));
  await expect(failing).rejects.toThrow("no");
  expect(await lock(() => Promise.resolve("next"))).toBe("next");
});
