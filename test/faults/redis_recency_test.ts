import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";

import { newId } from "#lib/id/mod.ts";
import { openRecency, type Recency } from "#lib/recency/mod.ts";
import { connectRedis, type RedisClient } from "#lib/redis/mod.ts";

import { eventually } from "../contract/eventually.ts";
import { lacksServers, type RealServers, realServers } from "../support/real_servers.ts";

/** Long enough for Redis to come back in. */
const windowMs = 3000;

describe.skipIf(lacksServers("redis"))("recency on a real Redis", () => {
  let servers: RealServers;
  let admin: RedisClient;
  /** Two gateways. */
  let writer: Recency;
  let reader: Recency;
  let errors: unknown[];
  beforeAll(async () => {
    servers = await realServers("redis");
  });
  afterAll(async () => await servers[Symbol.asyncDispose]());
  beforeEach(async () => {
    errors = [];
    const { redis: url } = servers.stack;
    const onError = (error: unknown) => void errors.push(error);
    admin = await connectRedis({ url, name: "admin", onError: () => {} });
    [writer, reader] = await Promise.all([openRecency({ url, onError, windowMs }), openRecency({ url, onError, windowMs })]);
    await calm();
  });
  afterEach(async () => {
    freeze("SIGCONT");
    await Promise.all([writer.close(), reader.close(), admin.close()]);
  });

  const freeze = (signal: "SIGSTOP" | "SIGCONT") => process.kill(servers.stack.pids["redis"] ?? 0, signal);
  /** Users of whom nothing is known do not count as recent. */
  const calm = async () =>
    await eventually("calm", async () => {
      const recents = await Promise.all([reader, writer].map(async (engine) => await engine.isRecent(newId())));
      return !recents.includes(true);
    });
  /** Asks without a pause until the mark is no longer recent: that must not be before its window is over. */
  const expectRecentSince = async (since: number, userId: string) => {
    await eventually(`${userId} is no longer recent`, async () => {
      const isRecent = await reader.isRecent(userId);
      if (!isRecent) expect(performance.now() - since).toBeGreaterThanOrEqual(windowMs - 2);
      return !isRecent;
    });
  };
  const markNow = async (userId: string) => {
    const since = performance.now();
    await writer.mark([userId]);
    return since;
  };

  test("FLUSHALL takes no mark from anybody", async () => {
    const before = newId();
    const since = await markNow(before);
    await admin.run((commands) => commands.flushall());
    // Whoever finds Redis emptied, and whoever finds that another has begun anew.
    expect([await reader.isRecent(newId()), await writer.isRecent(newId())]).toEqual([true, true]);
    const after = newId();
    const sinceAfter = await markNow(after);
    await Promise.all([expectRecentSince(since, before), expectRecentSince(sinceAfter, after)]);
    await calm();
    expect(errors).toEqual([]);
  });

  test("kill -9: while Redis is down everybody counts as recent, and no mark from before or from meanwhile is lost", async () => {
    const before = newId();
    const since = await markNow(before);
    // What it had not written to disk yet; the epoch, which is older, it had.
    await admin.run((commands) => commands.del(`sluice:{recency}:user:${before}`));
    await servers.stack.kill("redis");
    // Redis is started again only after all this: nothing of it waits for it.
    const meanwhile = newId();
    const sinceMeanwhile = await markNow(meanwhile);
    expect([await reader.isRecent(newId()), await writer.isRecent(newId())]).toEqual([true, true]);
    await servers.stack.start("redis");
    await eventually("the mark is told", async () => {
      const told = await admin.run((commands) => commands.exists(`sluice:{recency}:user:${meanwhile}`)).catch(() => 0);
      return told === 1;
    });
    await Promise.all([expectRecentSince(since, before), expectRecentSince(sinceMeanwhile, meanwhile)]);
    await calm();
    expect(errors.length).toBe(2);
  });

  test("a frozen Redis keeps neither a change nor a read waiting until it thaws", async () => {
    freeze("SIGSTOP");
    const user = newId();
    const since = await markNow(user);
    expect(await Promise.all([reader.isRecent(user), reader.isRecent(newId()), writer.isRecent(newId())])).toEqual([
      true,
      true,
      true,
    ]);
    freeze("SIGCONT");
    await expectRecentSince(since, user);
    await calm();
  });

  test("where Redis takes no mark for want of memory, everybody counts as recent everywhere", async () => {
    await admin.run((commands) => commands.config("SET", "maxmemory", "1"));
    try {
      await writer.mark([newId()]);
      expect([await reader.isRecent(newId()), await reader.isRecent(newId())]).toEqual([true, true]);
    } finally {
      await admin.run((commands) => commands.config("SET", "maxmemory", "0"));
    }
    await calm();
  });

  test("closes while marks wait to be told", async () => {
    await servers.stack.kill("redis");
    await writer.mark([newId()]);
    await writer.close();
    await servers.stack.start("redis");
    expect(await writer.isRecent(newId())).toBe(true);
    expect(await writer.check(AbortSignal.timeout(5000)).catch((error: unknown) => error)).toMatchObject({ code: "unavailable" });
  });
});
