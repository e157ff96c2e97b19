import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";

import { newId } from "#lib/id/mod.ts";
import { openRecency, type Recency } from "#lib/recency/mod.ts";
import { connectRedis, type RedisClient } from "#lib/redis/mod.ts";

import { eventually } from "../contract/eventually.ts";
import { startChild } from "../support/child.ts";
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

  /** A user of whom the reader has just been told that they are not recent, so that it need not ask again for a while. */
  const leased = async (engine = reader) => {
    const user = newId();
    await engine.isRecent(user);
    expect(engine.isRecent(user)).toBe(false);
    return user;
  };

  test("who was told that a user is not recent need not ask again, for half a second", async () => {
    const user = await leased();
    await eventually("it has to ask", () => reader.isRecent(user) instanceof Promise);
    expect(await reader.isRecent(user)).toBe(false);
    // What it is told of itself it knows without being called.
    await reader.mark([user]);
    expect(reader.isRecent(user)).toBe(true);
  });

  test("FLUSHALL takes leases from Redis, not from those who wait for them", async () => {
    for (let round = 0; round < 2; round++) {
      const users = await Promise.all(Array.from({ length: 5 }, async () => leased()));
      await admin.run((commands) => commands.flushall());
      await Promise.all(users.map((user) => writer.mark([user])));
      expect(users.map((user) => reader.isRecent(user))).not.toContain(false);
      await calm();
    }
  });

  test("kill -9: no lease that the lost Redis gave outlives it", async () => {
    const user = await leased();
    await servers.stack.kill("redis");
    await writer.mark([user]);
    expect(await reader.isRecent(user)).toBe(true);
    await servers.stack.start("redis");
    await calm();
    const another = await leased();
    // With what it gave in its last moments lost; back so soon that the reader has not looked yet.
    await admin.run((commands) => commands.del(`sluice:{recency}:leases:${another}`));
    await servers.stack.kill("redis");
    await servers.stack.start("redis");
    await writer.mark([another]);
    expect(await reader.isRecent(another)).toBe(true);
    await calm();
  });

  test("a process that hears nothing holds no lease, and hears again", async () => {
    const user = await leased();
    await admin.run((commands) => commands.call("CLIENT", "KILL", "TYPE", "pubsub"));
    await writer.mark([user]);
    expect(await reader.isRecent(user)).toBe(true);
    await eventually("it holds one again", async () => {
      const another = newId();
      return !(await reader.isRecent(another)) && reader.isRecent(another) === false;
    });
    const again = await leased();
    await writer.mark([again]);
    expect(reader.isRecent(again)).toBe(true);
  });

  test("a change does not wait for a process that stands still longer than its lease, which then knows of it", async () => {
    const user = newId();
    const child = await startChild({
      program: "test/support/ask_recency.ts",
      args: [user, String(windowMs)],
      env: { REDIS_URL: servers.stack.redis },
      ready: /not recent/,
    });
    child.signal("SIGSTOP");
    const told = newId();
    await writer.mark([user, told]);
    const answeredAt = Date.now();
    child.signal("SIGCONT");
    const answers = () => [...child.output().matchAll(/^(\d+) (.*)$/gm)].map(([, at, what]) => ({ at: Number(at), what }));
    await eventually("it answers again", () => answers().some(({ at, what }) => at > answeredAt && what === "recent"));
    const after = answers().filter(({ at }) => at > answeredAt && at < answeredAt + windowMs / 2);
    expect(after.filter(({ what }) => what !== "recent")).toEqual([]);
    child.signal("SIGKILL");
    await child.exited;
  });

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
    const user = await leased();
    await admin.run((commands) => commands.config("SET", "maxmemory", "1"));
    try {
      await writer.mark([user]);
      expect([await reader.isRecent(user), await reader.isRecent(newId())]).toEqual([true, true]);
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
