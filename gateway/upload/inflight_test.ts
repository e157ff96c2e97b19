import { expect, test } from "bun:test";

import { AppError, isAppError } from "#lib/errors/mod.ts";

import { createInflight } from "./inflight.ts";

const never = new AbortController().signal;

/** A receive that ends when it is aborted, and some time after that lets go. */
function receiving(events: string[], name: string, letGoMs = 0) {
  return async (signal: AbortSignal) => {
    events.push(`${name} begins`);
    const aborted = Promise.withResolvers<void>();
    signal.addEventListener("abort", () => aborted.resolve());
    await aborted.promise;
    await Bun.sleep(letGoMs);
    events.push(`${name} let go`);
    signal.throwIfAborted();
  };
}

const codeOf = (error: unknown) => (isAppError(error) ? error.code : error);

test("gives what the one request for a chunk gives", async () => {
  const inflight = createInflight();
  expect(await inflight.run("u", 1, never, async () => "done")).toBe("done");
  expect(await inflight.run("u", 1, never, async () => "again")).toBe("again");
});

test("a later request ends the one before, and begins when that has let go", async () => {
  const inflight = createInflight();
  const events: string[] = [];
  const first = inflight.run("u", 1, never, receiving(events, "first", 20)).catch(codeOf);
  await Bun.sleep(0);
  const second = inflight.run("u", 1, never, async () => void events.push("second begins"));
  await second;
  expect(await first).toBe("chunk-preempted");
  expect(events).toEqual(["first begins", "first let go", "second begins"]);
});

test("a third ends the second, even while that still waits", async () => {
  const inflight = createInflight();
  const events: string[] = [];
  const first = inflight.run("u", 1, never, receiving(events, "first", 30)).catch(codeOf);
  await Bun.sleep(0);
  const second = inflight.run("u", 1, never, receiving(events, "second")).catch(codeOf);
  const third = inflight.run("u", 1, never, async () => {
    events.push("third begins");
    return "third";
  });
  expect(await Promise.all([first, second, third])).toEqual(["chunk-preempted", "chunk-preempted", "third"]);
  expect(events).toEqual(["first begins", "first let go", "third begins"]);
});

test("other chunks and other uploads are left alone", async () => {
  const inflight = createInflight();
  const gate = Promise.withResolvers<void>();
  const wait = async (signal: AbortSignal) => {
    await gate.promise;
    return signal.aborted;
  };
  const running = [inflight.run("u", 1, never, wait), inflight.run("u", 2, never, wait), inflight.run("v", 1, never, wait)];
  gate.resolve();
  expect(await Promise.all(running)).toEqual([false, false, false]);
});

test("abort ends every chunk of an upload, and waits until all have let go", async () => {
  const inflight = createInflight();
  const events: string[] = [];
  const reason = new AppError("upload-closed", "cancelled");
  const running = [1, 2, 3].map((index) =>
    inflight.run("u", index, never, receiving(events, `${index}`, index * 10)).catch(codeOf),
  );
  await Bun.sleep(0);
  await inflight.abort("u", reason);
  expect(events.filter((event) => event.endsWith("let go"))).toHaveLength(3);
  expect(await Promise.all(running)).toEqual(["upload-closed", "upload-closed", "upload-closed"]);
  await inflight.abort("u", reason);
  await inflight.abort("nothing", reason);
});

test("the client's own signal ends it, too, also when it came first", async () => {
  const inflight = createInflight();
  const gone = new Error("the client is gone");
  expect(await inflight.run("u", 1, AbortSignal.abort(gone), async () => "no").catch((error: unknown) => error)).toBe(gone);
  const controller = new AbortController();
  const running = inflight.run("u", 1, controller.signal, receiving([], "x")).catch((error: unknown) => error);
  controller.abort(gone);
  expect(await running).toBe(gone);
  expect(await inflight.run("u", 1, never, async () => "next")).toBe("next");
});

test("one that fails is out of the way", async () => {
  const inflight = createInflight();
  const reason = new Error("disk");
  expect(
    await inflight
      .run("u", 1, never, async () => {
        throw reason;
      })
      .catch((error: unknown) => error),
  ).toBe(reason);
  expect(await inflight.run("u", 1, never, async () => 1)).toBe(1);
});

test("what is awaited whole is taken in the turn in which it comes", async () => {
  const inflight = createInflight();
  const bytes = Promise.withResolvers<string>();
  const taken = inflight.runAtOnce(
    "u",
    1,
    () => bytes.promise,
    (text) => `${text} taken`,
  );
  bytes.resolve("a");
  expect(await taken).toBe("a taken");
  const broken = new Error("broken off");
  expect(await inflight.runAtOnce("u", 1, () => Promise.reject(broken), String).catch(codeOf)).toBe(broken);
  const refuse = () => {
    throw broken;
  };
  expect(await inflight.runAtOnce("u", 1, async () => "b", refuse).catch(codeOf)).toBe(broken);
});

test("what is awaited whole gives way at once to a later request, and is not taken then", async () => {
  const inflight = createInflight();
  const taken: string[] = [];
  const bytes = Promise.withResolvers<string>();
  const read = () => bytes.promise;
  const first = inflight.runAtOnce("u", 1, read, (text) => taken.push(`first ${text}`)).catch(codeOf);
  const second = inflight.runAtOnce("u", 1, read, (text) => taken.push(`second ${text}`));
  expect(await first).toBe("chunk-preempted");
  bytes.resolve("a");
  await second;
  const third = inflight.runAtOnce("u", 1, read, (text) => taken.push(`third ${text}`)).catch(codeOf);
  await inflight.run("u", 1, never, async () => void taken.push("streamed"));
  expect(await third).toBe("chunk-preempted");
  expect(taken).toEqual(["second a", "streamed"]);
});

test("what is awaited whole waits until what is streamed has let go", async () => {
  const inflight = createInflight();
  const events: string[] = [];
  const first = inflight.run("u", 1, never, receiving(events, "first", 20)).catch(codeOf);
  await Bun.sleep(0);
  await inflight.runAtOnce(
    "u",
    1,
    async () => "bytes",
    (bytes) => void events.push(`${bytes} taken`),
  );
  expect(await first).toBe("chunk-preempted");
  expect(events).toEqual(["first begins", "first let go", "bytes taken"]);
});

test("what is awaited whole ends with its upload", async () => {
  const inflight = createInflight();
  const bytes = Promise.withResolvers<string>();
  const taken: string[] = [];
  const waiting = inflight
    .runAtOnce(
      "u",
      1,
      () => bytes.promise,
      (text) => taken.push(text),
    )
    .catch(codeOf);
  const reason = new Error("cancelled");
  await inflight.abort("u", reason);
  bytes.resolve("late");
  expect(await waiting).toBe(reason);
  await Bun.sleep(0);
  expect(taken).toEqual([]);
});

test("who comes after one that is awaited whole waits for who streamed before both", async () => {
  for (const how of ["run", "runAtOnce", "abort"] as const) {
    const inflight = createInflight();
    const events: string[] = [];
    const streamed = inflight.run("u", 1, never, receiving(events, "streamed", 20)).catch(codeOf);
    await Bun.sleep(0);
    const awaited = inflight.runAtOnce("u", 1, async () => events.push("read"), String).catch(codeOf);
    const last = () => events.push("last");
    if (how === "run") await inflight.run("u", 1, never, async () => last());
    else if (how === "runAtOnce") await inflight.runAtOnce("u", 1, async () => "bytes", last);
    else await inflight.abort("u", new AppError("upload-closed", "cancelled")).then(last);
    expect([await streamed, await awaited]).toEqual(["chunk-preempted", how === "abort" ? "upload-closed" : "chunk-preempted"]);
    expect(events).toEqual(["streamed begins", "streamed let go", "last"]);
  }
});
