import { expect, test } from "bun:test";

import * as fc from "fast-check";

import { isAppError } from "#lib/errors/mod.ts";

import { createStreamLimiter } from "./stream_limiter.ts";

test("refuses past the limit, and takes again what was given back", () => {
  const streams = createStreamLimiter({ max: 2, maxPerClient: 2 });
  const leave = streams.enter("a");
  streams.enter("b");
  expect(() => streams.enter("c")).toThrow(/streams 2 videos at once/);
  leave();
  streams.enter("c");
  expect(streams.open).toBe(2);
});

test("refuses one client past its share, and no other", () => {
  const streams = createStreamLimiter({ max: 10, maxPerClient: 1 });
  streams.enter("a");
  expect(() => streams.enter("a")).toThrow(/may have 1/);
  streams.enter("b");
  expect(streams.open).toBe(2);
});

test("says when to try again", () => {
  const streams = createStreamLimiter({ max: 1, maxPerClient: 1 });
  streams.enter("a");
  try {
    streams.enter("b");
    expect.unreachable();
  } catch (error) {
    expect(isAppError(error, "too-many-streams") && error.retryAfterSeconds).toBeGreaterThan(0);
  }
});

test("never lets in too many, never forgets a slot, however clients come and go", () => {
  const step = fc.record({ enter: fc.boolean(), client: fc.constantFrom("a", "b", "c"), nth: fc.nat(9), twice: fc.boolean() });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 }), fc.array(step), (max, maxPerClient, steps) => {
      const streams = createStreamLimiter({ max, maxPerClient });
      const held: { client: string; leave: () => void }[] = [];
      for (const { enter, client, nth, twice } of steps) {
        if (!enter) {
          const [gone] = held.splice(nth % Math.max(1, held.length), 1);
          gone?.leave();
          if (twice) gone?.leave();
          continue;
        }
        const own = held.filter((h) => h.client === client).length;
        if (held.length < max && own < maxPerClient) held.push({ client, leave: streams.enter(client) });
        else expect(() => streams.enter(client)).toThrow();
      }
      expect(streams.open).toBe(held.length);
      for (const { leave } of held) leave();
      expect(streams.open).toBe(0);
      // All that was held is there again.
      for (let i = 0; i < Math.min(max, maxPerClient); i++) streams.enter("d");
    }),
  );
});
