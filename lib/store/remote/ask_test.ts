import { expect, test } from "bun:test";

import { ask } from "./ask.ts";

const refused = (httpStatusCode: number) => Object.assign(new Error("refused"), { name: "Name", $metadata: { httpStatusCode } });
const never = new AbortController().signal;
const question = { action: "asking", timeoutMs: 10_000, signal: never };
/** Long enough for every failure of these tests. */
const patient = { ...question, patienceMs: 60_000 };
const caught = async (work: Promise<unknown>) =>
  work.then(
    () => "no error",
    (error: unknown) => error,
  );

/** Fails with each of the errors in turn, then answers; counts how often it was asked. */
function server(...errors: Error[]) {
  const self = {
    asked: 0,
    send: async () => {
      const error = errors[self.asked];
      self.asked += 1;
      if (error !== undefined) throw error;
      return "answer";
    },
  };
  return self;
}

/** Ends only by its signal, with an error of its own, as the SDK does. */
const hanging = async (signal: AbortSignal) =>
  await new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(new Error("Request aborted")));
  });

test("asks again while the failure is one that passes", async () => {
  const { send } = server(refused(403), refused(503), new Error("reset"));
  expect(await ask(patient, send)).toBe("answer");
});

test("asks until its patience is over", async () => {
  const thrice = server(...Array.from({ length: 3 }, () => refused(503)));
  expect(await caught(ask({ ...question, patienceMs: 1 }, thrice.send))).toMatchObject({ code: "unavailable" });
  expect(thrice.asked).toBe(2);
  const once = server(refused(503));
  expect(await caught(ask(question, once.send))).toMatchObject({ code: "unavailable" });
  expect(once.asked).toBe(1);
});

test("does not ask again what would be answered the same", async () => {
  const wrong = server(refused(400), refused(400));
  expect(await caught(ask(patient, wrong.send))).toMatchObject({ code: "internal" });
  const forbidden = server(refused(403), refused(403), refused(403));
  expect(await caught(ask(patient, forbidden.send))).toMatchObject({ code: "unavailable" });
  expect([wrong.asked, forbidden.asked]).toEqual([1, 2]);
});

test("ends what is not answered in time, and asks again", async () => {
  let asked = 0;
  const late = async (signal: AbortSignal) => {
    asked += 1;
    return await hanging(signal);
  };
  const error = await caught(ask({ ...question, timeoutMs: 20, patienceMs: 500 }, late));
  expect(error).toMatchObject({ code: "unavailable", message: "asking: no answer of the object store in 20 ms" });
  expect(asked).toBeGreaterThan(1);
});

test("does not end what is answered in time: its body may take longer", async () => {
  const signal = await ask({ ...question, timeoutMs: 20 }, async (signal) => signal);
  await Bun.sleep(60);
  expect(signal.aborted).toBe(false);
});

test("rejects with the reason of an abort: before, during, and while it waits to ask again", async () => {
  const reason = new Error("aborted by the test");
  expect(await caught(ask({ ...question, signal: AbortSignal.abort(reason) }, server().send))).toBe(reason);
  for (const send of [hanging, server(refused(503), refused(503), refused(503)).send]) {
    const aborter = new AbortController();
    const asking = caught(ask({ ...patient, signal: aborter.signal }, send));
    await Bun.sleep(5);
    aborter.abort(reason);
    expect(await asking).toBe(reason);
  }
});
