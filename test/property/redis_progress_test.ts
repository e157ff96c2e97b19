import { afterAll, beforeAll, describe, expect, test } from "bun:test";

import * as fc from "fast-check";

import { newId } from "#lib/id/mod.ts";
import { ChunkSet } from "#lib/progress/mod.ts";
import { connectRedis, type RedisClient } from "#lib/redis/mod.ts";

import { redisSnapshots } from "../../lib/progress/snapshots.ts";
import { eventually } from "../contract/eventually.ts";
import { lacksServers, type RealServers, realServers } from "../support/real_servers.ts";
import { redisNodes } from "../support/redis_nodes.ts";

const chunkCount = 12;
const all = Array.from({ length: chunkCount }, (_, i) => i + 1);

describe.skipIf(lacksServers("redis"))("progress told through a real Redis", () => {
  let servers: RealServers;
  let admin: RedisClient;
  let url: string;
  beforeAll(async () => {
    servers = await realServers("redis");
    // A database of its own, to be emptied.
    url = `${servers.stack.redis}/5`;
    admin = await connectRedis({
      url,
      name: "admin",
      onError: (error) => {
        throw error;
      },
    });
  });
  afterAll(async () => {
    await admin.run((commands) => commands.flushdb());
    await admin.close();
    await servers[Symbol.asyncDispose]();
  });

  const index = fc.integer({ min: 1, max: chunkCount });
  const step = fc.oneof(
    { weight: 8, arbitrary: fc.record({ kind: fc.constant("receive" as const), index }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("reopen" as const), index }) },
    fc.record({ kind: fc.constantFrom("recreate", "recreate and drop", "flush", "restart", "look", "wait") }),
  );

  test("what another node sees is always a state that the log was in, never an earlier one than before, and the present one in the end", async () => {
    const run = async (steps: (typeof step extends fc.Arbitrary<infer T> ? T : never)[]) => {
      await using nodes = await redisNodes(url, chunkCount);
      const { id, spool, other } = nodes;
      let present = new Set<number>();
      const missing = () => all.filter((i) => !present.has(i)).join();
      // Every state that the upload's logs were in, in order; and the earliest at which the other node may be.
      const states = [missing()];
      let seen = 0;
      const look = async () => {
        const chunks = await other.peek(id, chunkCount);
        if (chunks === null) return;
        const at = states.indexOf(chunks.missing().join(), seen);
        expect([chunks.missing(), states.slice(seen), at >= 0]).toEqual([chunks.missing(), states.slice(seen), true]);
        seen = at;
      };
      const doStep = async (s: (typeof steps)[number]) => {
        if (s.kind === "receive") {
          present.add(s.index);
          // The state is there with the log line, before receive() returns.
          states.push(missing());
          await nodes.receive(s.index);
        } else if (s.kind === "reopen") {
          present.delete(s.index);
          states.push(missing());
          await spool.reopen(id, s.index);
        } else if (s.kind === "recreate" || s.kind === "recreate and drop") {
          present = new Set();
          states.push(missing());
          await spool.create(id, 10_000);
          if (s.kind === "recreate and drop") await nodes.owner().drop(id);
        } else if (s.kind === "flush") await admin.run((commands) => commands.flushdb());
        else if (s.kind === "restart") await nodes.restartOwner();
        else if (s.kind === "look") {
          expect((await nodes.owner().received(id, chunkCount)).missing().join()).toBe(missing());
        } else await Bun.sleep(2);
      };
      for (const s of steps) {
        await doStep(s);
        await look();
      }
      await doStep({ kind: "receive", index: 1 });
      await eventually("the other node sees the present state", async () => {
        await look();
        return (await other.peek(id, chunkCount))?.missing().join() === missing();
      });
      expect(nodes.errors).toEqual([]);
    };
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), (steps) => run(steps)),
      { numRuns: 60 },
    );
  }, 120_000);

  test("states that come in any order leave the newest", async () => {
    const snapshots = redisSnapshots(admin, 60_000);
    const borns = [newId(), newId()];
    const state = fc.record({ born: fc.constantFrom(...borns), end: fc.nat(50), index });
    await fc.assert(
      fc.asyncProperty(fc.array(state, { minLength: 1, maxLength: 8 }), async (states) => {
        const id = newId();
        let newest: (typeof states)[number] | null = null;
        for (const s of states) {
          const chunks = new ChunkSet(chunkCount);
          chunks.add(s.index);
          const wins: boolean = newest === null || s.born > newest.born || (s.born === newest.born && s.end >= newest.end);
          const held = await snapshots.advance(id, { born: s.born, end: s.end, chunks });
          expect(held).toEqual(wins ? null : { born: newest?.born ?? "", end: newest?.end ?? 0 });
          if (wins) newest = s;
          expect((await snapshots.read(id, chunkCount))?.has(newest?.index ?? 0)).toBe(true);
        }
        await snapshots.drop(id);
        expect(await snapshots.read(id, chunkCount)).toBe(null);
      }),
    );
  }, 60_000);
});
