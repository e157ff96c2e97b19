import { describe, expect, test } from "bun:test";

import { createPacer } from "./pacer.ts";
import { watchedStream } from "./watched_stream.ts";

const free = createPacer(0);

/** A body of pieces, with what became of it. */
function source(pieces: number, failAt = Infinity) {
  const seen = { pulled: 0, cancelled: false };
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (seen.pulled === failAt) throw new Error("the disk is gone");
        if (seen.pulled === pieces) return controller.close();
        controller.enqueue(new Uint8Array([seen.pulled++]));
      },
      cancel: () => void (seen.cancelled = true),
    },
    { highWaterMark: 0 },
  );
  return { body, seen };
}

function watched(body: Blob | ReadableStream<Uint8Array>, signal = new AbortController().signal, pacer = free) {
  let ends = 0;
  const stream = watchedStream(body, { onEnd: () => void (ends += 1), signal, pacer });
  return { stream, ends: () => ends };
}

describe("the end of a body is told once", () => {
  test("when it is sent", async () => {
    const { stream, ends } = watched(source(3).body);
    expect(await new Response(stream).bytes()).toEqual(new Uint8Array([0, 1, 2]));
    expect(ends()).toBe(1);
  });

  test("of a Blob", async () => {
    const { stream, ends } = watched(new Blob(["abc"]));
    expect(await new Response(stream).text()).toBe("abc");
    expect(ends()).toBe(1);
  });

  test("when it is cancelled, before a piece was taken and after", async () => {
    for (const taken of [0, 2]) {
      const { body, seen } = source(9);
      const { stream, ends } = watched(body);
      const reader = stream.getReader();
      for (let i = 0; i < taken; i++) await reader.read();
      await reader.cancel();
      expect(ends()).toBe(1);
      expect(seen).toEqual({ pulled: taken, cancelled: true });
    }
  });

  test("when its source fails", async () => {
    const { stream, ends } = watched(source(9, 2).body);
    await expect(new Response(stream).bytes()).rejects.toThrow("the disk is gone");
    expect(ends()).toBe(1);
  });

  test("when its client goes, though nobody cancels it", async () => {
    const client = new AbortController();
    const { body, seen } = source(9);
    const { stream, ends } = watched(body, client.signal);
    const reader = stream.getReader();
    await reader.read();
    client.abort();
    client.abort();
    expect(ends()).toBe(1);
    await Bun.sleep(0);
    expect(seen.cancelled).toBe(true);
    const more = await reader.read().then(
      () => "more",
      () => "cut",
    );
    expect(more).toBe("cut");
  });

  test("when its client had gone before", async () => {
    const { stream, ends } = watched(source(9).body, AbortSignal.abort());
    expect(ends()).toBe(1);
    await stream.cancel();
    expect(ends()).toBe(1);
  });

  test("when it is cancelled while it waits for its turn", async () => {
    const { stream, ends } = watched(source(9).body, undefined, createPacer(1));
    const reader = stream.getReader();
    await reader.read();
    const second = reader.read();
    await Bun.sleep(1);
    await reader.cancel();
    expect((await second).done).toBe(true);
    expect(ends()).toBe(1);
  });
});

test("reads nothing before it is asked to, and no piece ahead", async () => {
  const { body, seen } = source(9);
  const reader = watched(body).stream.getReader();
  await Bun.sleep(1);
  expect(seen.pulled).toBe(0);
  await reader.read();
  await Bun.sleep(1);
  expect(seen.pulled).toBe(1);
  await reader.cancel();
});
