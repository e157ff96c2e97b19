import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { join } from "node:path";

import { isAppError } from "#lib/errors/mod.ts";
import { newId } from "#lib/id/mod.ts";
import { openRecency } from "#lib/recency/mod.ts";
import { connectRedis, type RedisClient } from "#lib/redis/mod.ts";
import { createLogger } from "#lib/telemetry/mod.ts";

import { eventually } from "../contract/eventually.ts";
import { lacksServers, type RealServers, realServers } from "../support/real_servers.ts";
import { redisNodes } from "../support/redis_nodes.ts";

const never = new AbortController().signal;
const failure = async (work: Promise<unknown>): Promise<unknown> => await work.then(() => null).catch((error: unknown) => error);

/** All that an error and its causes hold, as a logger might write it. */
function membersOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return `${JSON.stringify({ ...error, message: error.message, stack: error.stack })} ${membersOf(error.cause)}`;
}

describe.skipIf(lacksServers("redis"))("the connection to a real Redis", () => {
  let servers: RealServers;
  let url: URL;
  beforeAll(async () => {
    servers = await realServers("redis");
    url = new URL(servers.stack.redis);
  });
  afterAll(async () => await servers[Symbol.asyncDispose]());

  const freeze = (signal: "SIGSTOP" | "SIGCONT") => process.kill(servers.stack.pids["redis"] ?? 0, signal);
  /** The same address with something else in it. */
  const altered = (alter: (url: URL) => void) => {
    const other = new URL(url);
    alter(other);
    return other.href;
  };
  const connect = async (to: string, errors: Error[] = []) =>
    await connectRedis({ url: to, name: "test", onError: (error) => void errors.push(error) });

  describe("at the start", () => {
    const refusals: [what: string, alter: (url: URL) => void, code: "invalid-request" | "unavailable", text: RegExp][] = [
      ["a wrong password", (u) => void (u.password = "wr0ng"), "invalid-request", /refuses user or password: WRONGPASS/],
      [
        "a user that it does not have",
        (u) => void (u.username = "wr0ng"),
        "invalid-request",
        /refuses user or password: WRONGPASS/,
      ],
      ["no password", (u) => void (u.password = ""), "invalid-request", /refuses user or password: NOAUTH/],
      [
        "a database that it does not have",
        (u) => void (u.pathname = "/9999"),
        "invalid-request",
        /refuses the connection: .*DB index/,
      ],
      ["a port where nothing listens", (u) => void (u.port = "1"), "unavailable", /cannot be reached: .*ECONNREFUSED/],
      [
        "a host that there is not",
        (u) => void (u.hostname = "nowhere.invalid"),
        "unavailable",
        /nowhere\.invalid:\d+ cannot be reached/,
      ],
    ];
    test.each(refusals)("says what is wrong with %s, and no secret", async (_, alter, code, text) => {
      const error = await failure(connect(altered(alter)));
      expect(isAppError(error, code)).toBe(true);
      expect(String(error)).toMatch(/REDIS_URL: the server at /);
      expect(String(error)).toMatch(text);
      const all = membersOf(error);
      expect([all.includes("wr0ng"), all.includes(url.password)]).toEqual([false, false]);
    });

    test("gives up on a Redis that is frozen", async () => {
      freeze("SIGSTOP");
      try {
        expect(await failure(connect(url.href))).toMatchObject({ code: "unavailable" });
      } finally {
        freeze("SIGCONT");
      }
    });
  });

  describe("later", () => {
    let client: RedisClient;
    let errors: Error[];
    beforeEach(async () => {
      errors = [];
      client = await connect(url.href, errors);
    });
    afterEach(async () => {
      freeze("SIGCONT");
      await client.close();
    });
    const ping = async () => await client.run((commands) => commands.ping());
    const answers = async () => await eventually("an answer", async () => (await failure(ping())) === null);

    test("rides out a kill -9, tells of each outage once, and fails at once meanwhile", async () => {
      let backs = 0;
      client.onBack(() => void (backs += 1));
      for (const outage of [1, 2]) {
        await servers.stack.kill("redis");
        await eventually("the loss", () => !client.ready);
        // Redis is started again only after these: none of them waits for it.
        const failures = await Promise.all(Array.from({ length: 100 }, async () => await failure(ping())));
        expect(failures.every((error) => isAppError(error, "unavailable"))).toBe(true);
        expect(await failure(client.check(never))).toMatchObject({ code: "unavailable" });
        await eventually("the report", () => errors.length === outage);
        // Time for several attempts.
        await Bun.sleep(1000);
        expect(errors.map(({ message }) => message)).toEqual(
          Array.from({ length: outage }, () => "the connection to Redis is lost"),
        );
        await servers.stack.start("redis");
        await answers();
        expect([backs, client.connection.number]).toEqual([outage, outage + 1]);
      }
    });

    test("gives up on a Redis that freezes, tells of it once, and goes on when it thaws", async () => {
      freeze("SIGSTOP");
      const failures = await Promise.all(Array.from({ length: 100 }, async () => await failure(ping())));
      expect(failures.every((error) => isAppError(error, "unavailable"))).toBe(true);
      await eventually("the loss", () => !client.ready);
      await Bun.sleep(1500);
      expect(errors.length).toBe(1);
      freeze("SIGCONT");
      await answers();
      await client.check(never);
    });

    test("a check that is given up rejects with its signal's reason", async () => {
      freeze("SIGSTOP");
      const reason = new Error("given up by the test");
      const controller = new AbortController();
      const checking = failure(client.check(controller.signal));
      controller.abort(reason);
      expect(await checking).toBe(reason);
    });

    test("closes while Redis is frozen, and while it is gone", async () => {
      freeze("SIGSTOP");
      const hanging = failure(ping());
      await client.close();
      expect(await hanging).toMatchObject({ code: "unavailable" });
      expect(await failure(ping())).toMatchObject({ code: "unavailable" });
      freeze("SIGCONT");

      const other = await connect(url.href);
      await servers.stack.kill("redis");
      await eventually("the loss", () => !other.ready);
      await other.close();
      await servers.stack.start("redis");
      await Bun.sleep(500);
      expect([other.ready, errors]).toEqual([false, []]);
    });

    test("a script goes on after the server has forgotten it", async () => {
      const echo = client.script("sluiceTestEcho", "return {KEYS[1], ARGV[1], #ARGV[2]}");
      const call = async (text: string) => await echo(["k"], [text, Buffer.from([0, 255, 10])]);
      expect(await call("a")).toEqual(["k", "a", 3]);
      await client.run((commands) => commands.script("FLUSH"));
      expect(await Promise.all([call("b"), call("c")])).toEqual([
        ["k", "b", 3],
        ["k", "c", 3],
      ]);
    });

    test("tells of a connection that was only closed, and is back at the first attempt", async () => {
      const killer = await connect(url.href);
      await killer.run((commands) => commands.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"));
      await eventually("another connection", () => client.connection.number === 2);
      await killer.close();
      expect(errors.map(({ message }) => message)).toEqual(["the connection to Redis was lost for a moment"]);
    });

    test("tells of what Redis refuses, once a minute for each kind", async () => {
      const key = `sluice-test:${newId()}`;
      await client.run((commands) => commands.set(key, "a", "PX", 10_000));
      for (let i = 0; i < 3; i++) {
        expect(await failure(client.run((commands) => commands.lpush(key, "b")))).toMatchObject({ code: "unavailable" });
      }
      expect(errors.map(({ message }) => message)).toEqual([expect.stringMatching(/^Redis refuses: WRONGTYPE/)]);
    });

    test("does all that Sluice asks for as a user with no more rights than docs/operations.md names", async () => {
      const rights = ["~sluice:*", "&sluice:*", "+@read", "+@write", "+@scripting", "+@connection", "+@pubsub", "+info", "+time"];
      const docs = await Bun.file(join(import.meta.dir, "../../docs/operations.md")).text();
      const words = docs.replaceAll("`", " ").split(/[\s,]+/);
      expect(rights.filter((right) => !words.includes(right))).toEqual([]);
      await client.run((commands) => commands.acl("SETUSER", "sluice-test", "reset", "on", ">secret", ...rights));
      const limited = altered((u) => void ([u.username, u.password] = ["sluice-test", "secret"]));
      try {
        await using nodes = await redisNodes(limited, 3);
        await nodes.receive(2);
        await eventually("the other node sees it", async () => (await nodes.other.peek(nodes.id, 3))?.has(2));
        const recency = await openRecency({ url: limited, onError: (error) => void nodes.errors.push(error), windowMs: 100 });
        await eventually("it is told of a lease", async () => !(await recency.isRecent("b")) && recency.isRecent("b") === false);
        await recency.mark(["a"]);
        await eventually("it is over", async () => !(await recency.isRecent("a")));
        await recency.close();
        expect(nodes.errors).toEqual([]);
        await client.run((commands) => commands.acl("SETUSER", "sluice-test", "-subscribe"));
        const deaf = await openRecency({ url: limited, onError: (error) => void nodes.errors.push(error), windowMs: 100 });
        await eventually("it is told without a lease", async () => !(await deaf.isRecent("b")));
        expect(deaf.isRecent("b")).toBeInstanceOf(Promise);
        await deaf.close();
        expect(nodes.errors.map(String)).toEqual([expect.stringMatching(/Redis refuses: NOPERM .*subscribe/)]);
      } finally {
        await client.run((commands) => commands.acl("DELUSER", "sluice-test"));
      }
    });

    test("writes no secret into the log when Redis does not take it any more", async () => {
      const lines: string[] = [];
      const log = createLogger({ level: "warn", destination: { write: (line) => void lines.push(line) } });
      const logged = await connectRedis({ url: url.href, name: "logged", onError: (err) => log.warn({ err }, "lost") });
      const next = "another";
      // This connection stays the one that may change it back.
      await client.run((commands) => commands.config("SET", "requirepass", next));
      try {
        await client.run((commands) => commands.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"));
        await eventually("the loss", () => lines.length > 0);
        await Bun.sleep(500);
        expect(logged.ready).toBe(false);
      } finally {
        await client.run((commands) => commands.config("SET", "requirepass", decodeURIComponent(url.password)));
      }
      await eventually("the connection is back", () => logged.ready);
      await logged.close();
      expect(lines.length).toBe(1);
      expect(lines[0]).toContain("WRONGPASS");
      expect(lines[0]).not.toContain(url.password);
    });
  });
});
