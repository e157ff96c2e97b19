import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { createConnection } from "mysql2/promise";

import { ensureInstalled, missingPackages } from "./install.ts";
import { isFree } from "./ports.ts";
import { startTicks } from "./process_state.ts";
import { allServers, type Server } from "./servers.ts";
import { type Stack, startStack, stopStack } from "./stack.ts";
import { stackStatus } from "./status.ts";
import { filesOutside } from "./testing/files_outside.ts";
import { folderProcesses } from "./testing/folder_processes.ts";
import { probes } from "./testing/probes.ts";
import { systemFolders } from "./testing/system_folders.ts";

/** Each daemon, with the server that it is a part of. */
const daemons: [name: string, server: Server][] = [
  ["mysql", "mysql"],
  ["replica", "mysql"],
  ["redis", "redis"],
  ["epmd", "amqp"],
  ["amqp", "amqp"],
  ["mon", "s3"],
  ["osd", "s3"],
  ["rgw", "s3"],
];

const install = process.env["CI"] !== undefined;
/** On a person's machine the other suites shall run without the servers; in CI they are installed, and nothing is skipped. */
const cannotRun = !install && missingPackages(allServers).length > 0;

describe.skipIf(cannotRun)("a stack", () => {
  let parent: string;
  let untouched: string[];
  let stack: Stack;
  const start = (name: string, servers: readonly Server[] = allServers) =>
    startStack({ dir: join(parent, name), servers, log: (line) => void process.stderr.write(`${name}: ${line}\n`) });

  beforeAll(async () => {
    await ensureInstalled(allServers, { install, log: () => {} });
    parent = await mkdtemp(join(tmpdir(), "st-"));
    untouched = await systemFolders();
    stack = await start("a");
  }, 600_000);

  afterAll(async () => {
    // All of them, for a test that failed left its own.
    for (const name of await readdir(parent)) await stopStack(join(parent, name));
    await rm(parent, { recursive: true });
  });

  test("has one running process for each daemon, in a session of its own", async () => {
    expect(Object.keys(stack.pids).toSorted()).toEqual(daemons.map(([name]) => name).toSorted());
    for (const pid of Object.values(stack.pids)) expect(() => process.kill(-pid, 0)).not.toThrow();
  });

  test.each([...allServers])("keeps what %s is given, and gives it back", async (server) => {
    await probes[server].write(stack, `first of ${server}`);
    expect(await probes[server].read(stack)).toBe(`first of ${server}`);
  });

  test("lets nobody write to the replica but replication and root", async () => {
    const replica = await createConnection(stack.replica);
    expect(await replica.query("REPLACE INTO probe VALUES (2, '')").catch((error: unknown) => error)).toMatchObject({
      errno: 1290,
    });
    await replica.end();
  });

  test("lets root make the replica lag", async () => {
    const replica = await createConnection({ uri: stack.root.replica, multipleStatements: true });
    await replica.query("STOP SLAVE; CHANGE MASTER TO master_delay = 2; START SLAVE");
    await probes.mysql.write(stack, "late");
    const from = performance.now();
    expect(await probes.mysql.read(stack)).toBe("late");
    expect(performance.now() - from).toBeGreaterThan(1000);
    await replica.query("STOP SLAVE; CHANGE MASTER TO master_delay = 0; START SLAVE");
    await replica.end();
  });

  test.each([...daemons])("loses nothing when %s is killed with -9 and started again", async (name, server) => {
    const pid = stack.pids[name] ?? 0;
    await probes[server].write(stack, `before ${name} died`);
    await stack.kill(name);
    expect(await startTicks(pid)).toBe(null);
    expect(stack.pids).not.toHaveProperty(name);
    expect(await stack.wait(name).catch(String)).toContain(`${name}: it does not run`);
    await stack.start(name);
    expect(await probes[server].read(stack)).toBe(`before ${name} died`);
    await probes[server].write(stack, `after ${name} came back`);
    expect(await probes[server].read(stack)).toBe(`after ${name} came back`);
    expect(stack.pids[name]).not.toBe(pid);
  });

  test("is found, not started twice, by another start, whose stop leaves it alone", async () => {
    const [other, third] = await Promise.all([start("a"), start("a", ["redis"])]);
    expect(other.pids).toEqual(stack.pids);
    expect(third.pids).toEqual({ redis: stack.pids["redis"] ?? 0 });
    await Promise.all([other.stop(), third.stop()]);
    const states = await stackStatus(stack.data);
    expect(states.map(({ name, works }) => [name, works])).toEqual(states.map(({ name }) => [name, true]));
  });

  test("does not disturb a stack in another folder", async () => {
    const [one, two] = await Promise.all([start("b"), start("c", ["redis"])]);
    for (const server of allServers) {
      await probes[server].write(one, "the other's");
      await probes[server].write(stack, "mine");
      expect(await probes[server].read(one)).toBe("the other's");
      expect(await probes[server].read(stack)).toBe("mine");
    }
    expect(one.s3.secretAccessKey).not.toBe(stack.s3.secretAccessKey);
    await Promise.all([one.stop(), two.stop()]);
    for (const server of allServers) expect(await probes[server].read(stack)).toBe("mine");
  });

  test("lets in only who has its passwords", async () => {
    const wrong = (url: string) => url.replace(/:[0-9a-f]{32}@/, ":00000000000000000000000000000000@");
    expect(await probes.mysql.write({ ...stack, mysql: wrong(stack.mysql) }, "no").catch(String)).toContain("Access denied");
    expect(await probes.redis.write({ ...stack, redis: wrong(stack.redis) }, "no").catch(String)).toContain("WRONGPASS");
    expect(await probes.amqp.write({ ...stack, amqp: wrong(stack.amqp) }, "no").catch(String)).toContain("ACCESS_REFUSED");
    const s3 = { ...stack.s3, secretAccessKey: "0" };
    expect(await probes.s3.write({ ...stack, s3 }, "no").catch(String)).toContain("SignatureDoesNotMatch");
  });

  test("keeps its passwords for its owner", async () => {
    expect(((await stat(stack.data)).mode & 0o777).toString(8)).toBe("700");
    expect(((await stat(join(stack.data, "secrets.json"))).mode & 0o777).toString(8)).toBe("600");
  });

  test("says which port of which daemon another program has taken", async () => {
    await stack.kill("redis");
    const intruder = Bun.listen({ hostname: "127.0.0.1", port: Number(new URL(stack.redis).port), socket: { data() {} } });
    expect(await stack.start("redis").catch(String)).toContain(`redis: port ${intruder.port} of 127.0.0.1 is taken`);
    intruder.stop(true);
    await stack.start("redis");
  });

  test("ends with the last words of a daemon that does not start, and leaves nothing behind", async () => {
    const broken = await start("d", ["redis"]);
    await broken.stop();
    const [file] = await readdir(join(broken.data, "redis/appendonlydir"));
    await Bun.write(join(broken.data, "redis/appendonlydir", file ?? ""), "nonsense");
    const error = await start("d", ["redis", "mysql"]).catch(String);
    expect(error).toContain("redis: it does not run, or has just ended");
    expect(error).toMatch(/Its log ends:\n[^]*(AOF|append only)/i);
    expect(await folderProcesses(broken.data)).toEqual([]);
  });

  test("ends what it started when it is told to stop while it starts", async () => {
    const stopping = new AbortController();
    const dir = join(parent, "e");
    const starting = startStack({
      dir,
      log: (line) => line.startsWith("redis") && stopping.abort(new Error("enough")),
      signal: stopping.signal,
    });
    expect(await starting.catch(String)).toContain("enough");
    expect(await folderProcesses(dir)).toEqual([]);
  });

  test("writes nothing outside its folder", async () => {
    const pids = await folderProcesses(stack.data);
    expect(pids.length).toBeGreaterThanOrEqual(daemons.length);
    expect((await Promise.all(pids.map((pid) => filesOutside(stack.data, pid)))).flat()).toEqual([]);
    expect(await systemFolders()).toEqual(untouched);
  });

  test("leaves no process and no open port when it stops, and keeps its data for the next start", async () => {
    for (const server of allServers) await probes[server].write(stack, "kept");
    const ports = (await stackStatus(stack.data)).flatMap(({ ports }) => ports);
    await stack.stop();
    expect(await folderProcesses(parent)).toEqual([]);
    expect(await Promise.all(ports.map(isFree))).toEqual(ports.map(() => true));
    stack = await start("a");
    for (const server of allServers) expect(await probes[server].read(stack)).toBe("kept");
  });
});
