import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { ensureInstalled, missingPackages } from "./install.ts";
import { allServers } from "./servers.ts";
import { folderProcesses } from "./testing/folder_processes.ts";

const install = process.env["CI"] !== undefined;
const cannotRun = !install && missingPackages(["redis"]).length > 0;

describe.skipIf(cannotRun)("the program", () => {
  let dir: string;

  beforeEach(async () => {
    await ensureInstalled(["redis"], { install, log: () => {} });
    dir = await mkdtemp(join(tmpdir(), "st-"));
  }, 600_000);
  afterEach(async () => {
    await run("down");
    await rm(dir, { recursive: true });
  });

  const spawn = (...args: string[]) =>
    Bun.spawn([process.execPath, join(import.meta.dir, "main.ts"), ...args, "--dir", dir], {
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    });

  async function run(...args: string[]) {
    const child = spawn(...args);
    const [stdout, stderr, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
    return { stdout, stderr, code };
  }

  async function firstLine(child: { stdout: ReadableStream<Uint8Array> }): Promise<string> {
    let text = "";
    for await (const piece of child.stdout.pipeThrough(new TextDecoderStream() as never) as unknown as AsyncIterable<string>) {
      text += piece;
      if (text.includes("\n")) break;
    }
    return text;
  }

  test.each(["SIGTERM", "SIGINT"] as const)(
    "prints one line once all is ready, and ends all it started on %s",
    async (signal) => {
      const child = spawn("up", "--json", "--only", "redis");
      const answer = JSON.parse(await firstLine(child)) as Record<string, unknown>;
      expect(answer).toEqual({ redis: expect.stringMatching(/^redis:/), pids: { redis: expect.any(Number) }, data: dir });
      expect(JSON.parse((await run("status", "--json")).stdout)).toMatchObject({
        daemons: expect.arrayContaining([expect.objectContaining({ name: "redis", works: true })]),
      });
      child.kill(signal);
      expect(await child.exited).toBe(0);
      expect(await folderProcesses(dir)).toEqual([]);
    },
  );

  test("ends by `down` what an `up` left that was killed itself", async () => {
    const child = spawn("up", "--json", "--only", "redis");
    const { pids } = JSON.parse(await firstLine(child)) as { pids: { redis: number } };
    child.kill("SIGKILL");
    await child.exited;
    expect((await run("status")).stdout).toContain(`redis    works, pid ${pids.redis}`);
    expect((await run("down")).code).toBe(0);
    expect(await folderProcesses(dir)).toEqual([]);
    expect((await run("status")).stdout).toMatch(/^redis {4}down/m);
  });

  test("refuses a server and a command that it does not know", async () => {
    expect(await run("up", "--only", "redis,oracle")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("--only redis,oracle"),
    });
    expect(await run("sideways")).toMatchObject({ code: 1, stderr: expect.stringContaining("usage:") });
  });
});

const cannotRunCluster = !install && missingPackages([...allServers, "nginx"]).length > 0;

describe.skipIf(cannotRunCluster)("the program's whole cluster", () => {
  let parent: string;
  const running: Bun.Subprocess[] = [];
  beforeEach(async () => {
    parent = await mkdtemp(join(tmpdir(), "st-"));
  });
  afterEach(async () => {
    // What a test that failed left running.
    for (const child of running) child.kill("SIGTERM");
    await Promise.all(running.map(({ exited }) => exited));
    await rm(parent, { recursive: true });
  });

  /** Starts one in a folder of its own, and waits for its line. */
  async function start(name: string) {
    const dir = join(parent, name);
    const child = Bun.spawn([process.execPath, join(import.meta.dir, "main.ts"), "cluster", "--json", "--dir", dir], {
      stdin: "ignore",
      stdout: "pipe",
      stderr: "inherit",
    });
    running.push(child);
    const { value } = await child.stdout.getReader().read();
    return { dir, child, said: JSON.parse(new TextDecoder().decode(value)) as Record<string, unknown> & { nginx: string } };
  }

  test("is there twice, side by side, and each ends with all it started", async () => {
    const [one, other] = [await start("one"), await start("other")];
    const url = expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/);
    for (const { said, dir } of [one, other]) {
      const s3 = { endpoint: url, bucket: "sluice", accessKeyId: expect.any(String), secretAccessKey: expect.any(String) };
      // A copy: Bun 1.4.5 puts the matchers in the place of what they match.
      expect({ ...said }).toMatchObject({
        nginx: url,
        gateways: [url, url],
        mysql: expect.stringMatching(/^mysql:/),
        replica: expect.stringMatching(/^mysql:/),
        redis: expect.stringMatching(/^redis:/),
        amqp: expect.stringMatching(/^amqp:/),
        s3,
        data: dir,
      });
      expect(Object.keys(said["pids"] as object)).toEqual(
        expect.arrayContaining(["nginx", "gateway-1", "worker-2", "mysql", "rgw"]),
      );
      expect((await fetch(`${said.nginx}/readyz`)).status).toBe(200);
    }
    expect(one.said.nginx).not.toBe(other.said.nginx);
    one.child.kill("SIGTERM");
    expect(await one.child.exited).toBe(0);
    expect(await folderProcesses(one.dir)).toEqual([]);
    expect((await fetch(`${other.said.nginx}/readyz`)).status).toBe(200);
    other.child.kill("SIGINT");
    expect(await other.child.exited).toBe(0);
    expect(await folderProcesses(other.dir)).toEqual([]);
  });
});
