import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { truncate } from "node:fs/promises";

import { newId } from "#lib/id/mod.ts";
import { connectRedis, type RedisClient } from "#lib/redis/mod.ts";

import { eventually } from "../contract/eventually.ts";
import { lacksServers, type RealServers, realServers } from "../support/real_servers.ts";
import { type RedisNodes, redisNodes } from "../support/redis_nodes.ts";

const chunkCount = 300;

describe.skipIf(lacksServers("redis"))("progress on a real Redis, told to another node", () => {
  let servers: RealServers;
  let url: string;
  beforeAll(async () => {
    servers = await realServers("redis");
    url = servers.stack.redis;
  });
  afterAll(async () => await servers[Symbol.asyncDispose]());

  const freeze = (signal: "SIGSTOP" | "SIGCONT") => process.kill(servers.stack.pids["redis"] ?? 0, signal);
  const admin = async <T>(work: Parameters<RedisClient["run"]>[0]) => {
    const errors: Error[] = [];
    const client = await connectRedis({ url, name: "admin", onError: (error) => void errors.push(error) });
    const result = (await client.run(work)) as T;
    await client.close();
    expect(errors).toEqual([]);
    return result;
  };
  const snapshotKey = (id: string) => `sluice:{${id}}:progress`;
  const receiveAll = async (nodes: RedisNodes, from: number, to: number) => {
    for (let index = from; index <= to; index++) {
      await nodes.receive(index);
      expect((await nodes.owner().received(nodes.id, chunkCount)).has(index)).toBe(true);
    }
  };
  /** The other node sees so many chunks, in the end. */
  const otherSees = async ({ other, id }: RedisNodes, size: number) =>
    await eventually(`the other node sees ${size}`, async () => (await other.peek(id, chunkCount))?.size === size);

  test("the other node sees what the owner has, through chunks, reopening and a new log, until it is dropped", async () => {
    await using nodes = await redisNodes(url, chunkCount);
    const { id, spool, other, owner } = nodes;
    expect(await other.peek(id, chunkCount)).toBe(null);
    await receiveAll(nodes, 1, 100);
    await otherSees(nodes, 100);
    expect((await other.peek(id, chunkCount))?.missing()).toEqual((await owner().received(id, chunkCount)).missing());
    expect((await other.received(id, chunkCount)).size).toBe(0);
    expect(await other.peek(id, chunkCount + 1)).toBe(null);
    await spool.reopen(id, 3);
    await owner().received(id, chunkCount);
    await otherSees(nodes, 99);
    await spool.create(id, 10_000);
    await nodes.receive(7);
    await otherSees(nodes, 1);
    await owner().drop(id);
    await eventually("nothing is known", async () => (await other.peek(id, chunkCount)) === null);
    expect(nodes.errors).toEqual([]);
  });

  test("keeps one key an upload, that expires", async () => {
    await using nodes = await redisNodes(url, chunkCount);
    await nodes.receive(1);
    await otherSees(nodes, 1);
    const keys = await admin<string[]>((commands) => commands.keys(`*${nodes.id}*`));
    expect(keys).toEqual([snapshotKey(nodes.id)]);
    const left = await admin<number>((commands) => commands.pttl(snapshotKey(nodes.id)));
    expect(left).toBeWithin(1, 60_001);
  });

  test("tells an upload's chunks together when they come faster than Redis takes them", async () => {
    await using nodes = await redisNodes(url, chunkCount);
    await nodes.receive(1);
    await otherSees(nodes, 1);
    const scripts = async () => {
      const stats = await admin<string>((commands) => commands.info("commandstats"));
      const calls = [...stats.matchAll(/^cmdstat_eval(?:sha)?:calls=(\d+)/gm)];
      return calls.reduce((sum, [, count]) => sum + Number(count), 0);
    };
    const before = await scripts();
    freeze("SIGSTOP");
    await Promise.all(Array.from({ length: 200 }, async (_, i) => await nodes.receive(i + 2)));
    freeze("SIGCONT");
    // Should it have been frozen for too long, this is what is told after the connection is back.
    await eventually("the other node sees all", async () => {
      await nodes.owner().received(nodes.id, chunkCount);
      return (await nodes.other.peek(nodes.id, chunkCount))?.size === 201;
    });
    expect((await scripts()) - before).toBeWithin(1, 20);
  });

  test("never hears of an upload that is over before anybody could have looked", async () => {
    await using nodes = await redisNodes(url, chunkCount);
    const { spool, owner } = nodes;
    const heard = async () => {
      const stats = await admin<string>((commands) => commands.info("commandstats"));
      return [...stats.matchAll(/^cmdstat_(?:eval|evalsha|del):calls=\d+/gm)].map(String).toSorted();
    };
    const before = await heard();
    const upload = async () => {
      const id = newId();
      owner().begin(id, 1, await spool.create(id, 1));
      const write = { id, index: 1, offset: 0, size: 1, body: new Blob(["a"]).stream(), signal: AbortSignal.timeout(10_000) };
      const { logged } = await spool.writeChunk(write);
      owner().add(id, 1, logged);
      return id;
    };
    await owner().drop(await upload());
    await nodes.restartOwner();
    expect(await heard()).toEqual(before);
    const told = await upload();
    await eventually("it is told of", async () => (await nodes.other.peek(told, 1))?.size === 1);
    await owner().drop(told);
    await eventually("it is dropped", async () => (await nodes.other.peek(told, 1)) === null);
    expect(await heard()).not.toEqual(before);
  });

  test("FLUSHALL in the middle costs nothing: the next chunk tells all, and so does the next look", async () => {
    await using nodes = await redisNodes(url, chunkCount);
    // Again where telling was still under way.
    const flush = async () =>
      await eventually("nothing is known", async () => {
        await admin((commands) => commands.flushall());
        return (await nodes.other.peek(nodes.id, chunkCount)) === null;
      });
    await receiveAll(nodes, 1, 50);
    await otherSees(nodes, 50);
    await flush();
    await receiveAll(nodes, 51, 51);
    await otherSees(nodes, 51);
    await flush();
    await eventually("a look tells all again", async () => {
      await nodes.owner().received(nodes.id, chunkCount);
      return (await nodes.other.peek(nodes.id, chunkCount))?.size === 51;
    });
  });

  test("kill -9 in the middle: chunks go on being accepted, and are told when Redis is back", async () => {
    await using nodes = await redisNodes(url, chunkCount);
    await receiveAll(nodes, 1, 20);
    const receiving = receiveAll(nodes, 21, 120);
    await servers.stack.kill("redis");
    await receiving;
    // Redis is started again only after all these: none of them waits for it.
    await receiveAll(nodes, 121, 130);
    expect(await nodes.other.peek(nodes.id, chunkCount)).toBe(null);
    await nodes.owner().drop(newId());
    expect(
      await nodes
        .owner()
        .check(AbortSignal.timeout(5000))
        .catch((error: unknown) => error),
    ).toMatchObject({ code: "unavailable" });
    expect((await nodes.owner().received(nodes.id, chunkCount)).size).toBe(130);
    await servers.stack.start("redis");
    await eventually("both are back", async () => {
      await nodes.owner().received(nodes.id, chunkCount);
      return (await nodes.other.peek(nodes.id, chunkCount))?.size === 130;
    });
    await nodes.owner().check(AbortSignal.timeout(5000));
    // Each of the two engines, once.
    expect(nodes.errors.length).toBe(2);
  });

  test("a frozen Redis keeps no chunk waiting, and no peek for long", async () => {
    await using nodes = await redisNodes(url, chunkCount);
    await receiveAll(nodes, 1, 20);
    await otherSees(nodes, 20);
    freeze("SIGSTOP");
    try {
      // It thaws only after all these: none of them waits for it.
      await receiveAll(nodes, 21, 150);
      expect(await nodes.other.peek(nodes.id, chunkCount)).toBe(null);
    } finally {
      freeze("SIGCONT");
    }
    await eventually("both are back", async () => {
      await nodes.owner().received(nodes.id, chunkCount);
      return (await nodes.other.peek(nodes.id, chunkCount))?.size === 150;
    });
  });

  test("the owner's engine closes while Redis is frozen in the middle of telling", async () => {
    await using nodes = await redisNodes(url, chunkCount);
    freeze("SIGSTOP");
    try {
      await receiveAll(nodes, 1, 5);
      await nodes.owner().close();
    } finally {
      freeze("SIGCONT");
    }
    await nodes.restartOwner();
    await nodes.receive(6);
    await otherSees(nodes, 6);
  });

  test("takes back what Redis holds of a log that has lost its end", async () => {
    await using nodes = await redisNodes(url, chunkCount);
    await receiveAll(nodes, 1, 2);
    const { end } = await nodes.spool.readLog(nodes.id);
    await receiveAll(nodes, 3, 10);
    await otherSees(nodes, 10);
    // As a power cut may leave it.
    await truncate(nodes.spool.path(nodes.id).replace(/data$/, "log"), end);
    await nodes.restartOwner();
    expect((await nodes.owner().received(nodes.id, chunkCount)).size).toBe(2);
    await otherSees(nodes, 2);
  });

  test("takes back what Redis holds of a log that seems to be of a later time", async () => {
    await using nodes = await redisNodes(url, chunkCount);
    await receiveAll(nodes, 1, 3);
    await otherSees(nodes, 3);
    // Nothing is under way any more.
    await nodes.restartOwner();
    // As a clock leaves it that was set back before the log was made.
    const future = newId(Date.now() + 86_400_000);
    await admin((commands) => commands.hset(snapshotKey(nodes.id), { born: future, end: 10_000, bits: Buffer.alloc(38, 255) }));
    await otherSees(nodes, chunkCount);
    await nodes.receive(4);
    await otherSees(nodes, 4);
  });

  test("makes nothing of what is no snapshot", async () => {
    await using nodes = await redisNodes(url, chunkCount);
    await admin((commands) => commands.hset(snapshotKey(nodes.id), { born: "x", end: 1, count: chunkCount, bits: "short" }));
    expect(await nodes.other.peek(nodes.id, chunkCount)).toBe(null);
    await admin((commands) => commands.set(snapshotKey(nodes.id), "no hash"));
    expect(await nodes.other.peek(nodes.id, chunkCount)).toBe(null);
    await nodes.receive(1);
    expect((await nodes.owner().received(nodes.id, chunkCount)).size).toBe(1);
    await eventually("it is told of", () => nodes.errors.length === 2);
    expect(nodes.errors.map(String).every((text) => text.includes("WRONGTYPE"))).toBe(true);
  });
});
