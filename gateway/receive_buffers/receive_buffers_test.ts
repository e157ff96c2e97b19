import { expect, test } from "bun:test";

import { createReceiveBuffers, type ReceiveBuffers } from "./mod.ts";

function attached() {
  const buffers = createReceiveBuffers(1000);
  const told: (number | "release")[] = [];
  buffers.attach({ bound: (to) => told.push(to), release: () => told.push("release"), bounds: () => [] });
  return { buffers, told };
}

/** Bodies that come in until they are told to end. */
function begin(buffers: ReceiveBuffers, count: number) {
  return Array.from({ length: count }, () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const done = buffers.during(() => promise);
    return async () => {
      resolve();
      await done;
    };
  });
}

test("many bodies are bounded, few are let go, and in between all stays as it is", async () => {
  const { buffers, told } = attached();
  const ends = begin(buffers, 23);
  expect(told).toEqual([]);
  ends.push(...begin(buffers, 1));
  expect(told).toEqual([1000]);
  for (const end of ends.splice(0, 11)) await end();
  expect(told).toEqual([1000]);
  for (const end of ends.splice(0, 1)) await end();
  expect(told).toEqual([1000, "release"]);
  ends.push(...begin(buffers, 11));
  expect(told).toEqual([1000, "release"]);
  ends.push(...begin(buffers, 1));
  expect(told).toEqual([1000, "release", 1000]);
  await Promise.all(ends.map((end) => end()));
  expect(told).toEqual([1000, "release", 1000, "release"]);
});

test("connections that were accepted meanwhile are looked for once for all of them, and not after the release", async () => {
  const { buffers, told } = attached();
  const ends = begin(buffers, 64);
  expect(told).toEqual([1000]);
  while (told.length === 1) await Bun.sleep(1);
  expect(told).toEqual([1000, 1000]);
  ends.push(...begin(buffers, 1));
  await Promise.all(ends.map((end) => end()));
  await Bun.sleep(50);
  expect(told).toEqual([1000, 1000, "release"]);
});

test("a body that fails is one less", async () => {
  const { buffers, told } = attached();
  const failing = Array.from({ length: 24 }, () => buffers.during(() => Promise.reject(new Error("cut"))));
  expect(told).toEqual([1000]);
  await Promise.allSettled(failing);
  expect(told).toEqual([1000, "release"]);
});

test("without sockets there is nothing to bound, and bodies are read all the same", async () => {
  const buffers = createReceiveBuffers(1000);
  expect(await Promise.all(Array.from({ length: 30 }, async (_, i) => await buffers.during(async () => i)))).toHaveLength(30);
});
