import { describe, expect, test } from "bun:test";

import { sleep } from "../api/sleep.ts";
import { Pool } from "./pool.ts";

const { signal } = new AbortController();

describe("Pool", () => {
  test("never runs more than its limit, first come first served", async () => {
    const pool = new Pool(2);
    const order: number[] = [];
    let running = 0;
    let most = 0;
    const task = (number: number) => async () => {
      order.push(number);
      most = Math.max(most, ++running);
      await sleep(2);
      running--;
    };
    await Promise.all([1, 2, 3, 4, 5, 6].map((number) => pool.run(task(number), signal)));
    expect({ most, order }).toEqual({ most: 2, order: [1, 2, 3, 4, 5, 6] });
  });

  test("a task that fails gives its place back", async () => {
    const pool = new Pool(1);
    await expect(pool.run(() => Promise.reject(new Error("no")), signal)).rejects.toThrow("no");
    expect(await pool.run(() => Promise.resolve(1), signal)).toBe(1);
  });

  test("one that is aborted while it waits never runs and takes no place", async () => {
    const pool = new Pool(1);
    const first = pool.run(() => sleep(10), signal);
    const control = new AbortController();
    let ran = false;
    const second = pool.run(() => Promise.resolve((ran = true)), control.signal);
    const third = pool.run(() => Promise.resolve("third"), signal);
    control.abort(new Error("paused"));
    await expect(second).rejects.toThrow("paused");
    await first;
    expect(await third).toBe("third");
    expect(ran).toBe(false);
  });
});
