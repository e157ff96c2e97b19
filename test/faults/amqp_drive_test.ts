import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { rm } from "node:fs/promises";
import { join } from "node:path";

import { connect } from "amqplib";

import { type Client, bytesOf, signUp, until } from "../support/client.ts";
import { ageUnfinished, spoolPath, untilDataDir } from "../support/data_dir.ts";
import { type Drive, startDrive } from "../support/drive.ts";
import { expectCalm } from "../support/expect_problem.ts";
import { ownVhost, rabbitmqctl } from "../support/rabbitmqctl.ts";
import { lacksServers, type RealServers, realServers } from "../support/real_servers.ts";
import { persist, resumingUpload } from "../support/resuming_upload.ts";
import { expectSettled } from "../support/settled.ts";
import { startWorkers } from "../support/workers.ts";

setDefaultTimeout(180_000);

const chunkSize = 2 ** 20;
/** So rarely that within a test nothing is found but by a message. */
const neverLook = { SWEEP_EVERY: "1h" };

describe.skipIf(lacksServers("amqp"))("a gateway, and workers behind RabbitMQ", () => {
  let servers: RealServers;
  beforeAll(async () => void (servers = await realServers("amqp")));
  afterAll(async () => servers[Symbol.asyncDispose]());

  const uploads = (client: Client, count: number) =>
    Array.from({ length: count }, (_, i) =>
      resumingUpload(client, { name: `${i}.bin`, bytes: bytesOf(1_500_000 + i, `amqp ${i}`), chunkSize }),
    );
  const settled = async ({ dataDir }: Drive, client: Client, all: { name: string; bytes: Uint8Array }[]) =>
    expectSettled(
      dataDir,
      all.map(({ name, bytes }) => ({ client, name, bytes })),
    );

  test("messages alone bring every upload into the store", async () => {
    await using vhost = await ownVhost(servers.stack);
    const env = { ...neverLook, AMQP_URL: vhost.url };
    await using drive = await startDrive({ env });
    await using workers = await startWorkers({ dataDir: drive.dataDir, env });
    const client = await signUp(drive.url);
    const all = uploads(client, 5);
    await Promise.all(all.map((upload) => upload.go()));
    await settled(drive, client, all);
    expectCalm(drive.output() + workers.output());
  });

  test("what the workers do is told to those who listen at the gateway", async () => {
    await using vhost = await ownVhost(servers.stack);
    const env = { ...neverLook, AMQP_URL: vhost.url };
    await using drive = await startDrive({ env });
    const client = await signUp(drive.url);
    const aborter = new AbortController();
    const events = await client.fetch("/file/events", { signal: aborter.signal });
    let heard = "";
    const listening = (async () => {
      const decoder = new TextDecoder();
      for await (const piece of events.body ?? []) heard += decoder.decode(piece, { stream: true });
    })().catch(() => {});
    await using _workers = await startWorkers({ dataDir: drive.dataDir, env });
    await resumingUpload(client, { name: "a.bin", bytes: bytesOf(1_500_000), chunkSize }).go();
    await until(
      async () => heard,
      (text) => text.includes('"stored"'),
    );
    aborter.abort();
    await listening;
  });

  test("workers killed in the middle and started again: every upload is done once", async () => {
    await using vhost = await ownVhost(servers.stack);
    const env = { AMQP_URL: vhost.url };
    await using drive = await startDrive({ env });
    const client = await signUp(drive.url);
    const all = uploads(client, 12);
    const sending = Promise.all(all.map((upload) => upload.send()));
    for (let round = 0; round < 3; round++) {
      await using _killed = await startWorkers({ dataDir: drive.dataDir, env });
      await untilDataDir(drive.dataDir, ({ blobs }) => blobs.length > round);
    }
    await sending;
    await ageUnfinished(drive.dataDir);
    await using workers = await startWorkers({ dataDir: drive.dataDir, env });
    await settled(drive, client, all);
    expectCalm(drive.output() + workers.output());
  });

  test("RabbitMQ killed and emptied in the middle: nothing is refused, and every upload is done", async () => {
    await using vhost = await ownVhost(servers.stack);
    const env = { AMQP_URL: vhost.url };
    await using drive = await startDrive({ env });
    await using workers = await startWorkers({ dataDir: drive.dataDir, env });
    const client = await signUp(drive.url);
    const all = uploads(client, 12);
    await all[0]?.go();
    const going = Promise.all(all.slice(1).map((upload) => persist(() => upload.go())));
    await servers.stack.kill("amqp");
    await untilDataDir(drive.dataDir, ({ blobs }) => blobs.length > 3);
    await servers.stack.start("amqp");
    const name = new URL(vhost.url).pathname.slice(1);
    for (const queue of (await rabbitmqctl(servers.stack, "list_queues", "-p", name, "name")).split("\n").slice(1))
      if (queue !== "")
        await rabbitmqctl(servers.stack, "purge_queue", "-p", name, queue).catch(() => "one that died is made anew");
    await going;
    await settled(drive, client, all);
    expectCalm(drive.output() + workers.output());
  });

  test("what is parked is counted, listed with its reason, and replayed", async () => {
    await using vhost = await ownVhost(servers.stack);
    const env = { ...neverLook, AMQP_URL: vhost.url };
    await using drive = await startDrive({ env });
    const client = await signUp(drive.url);
    const [name, bytes] = ["a.bin", bytesOf(5000)];
    const { id } = await client.upload(name, bytes);
    const { blobs } = await untilDataDir(drive.dataDir, (data) => data.blobs.length === 1);
    const [blob] = blobs;
    const path = spoolPath(drive.dataDir, blob?.spool_id ?? "");
    await rm(path);
    await using _workers = await startWorkers({ dataDir: drive.dataDir, env });
    await untilDataDir(drive.dataDir, (data) => data.blobs[0]?.lease_owner === "parked");
    await publishRaw(vhost.url, "push.any", "{ not a message");

    const gauge = async (gauge: string) => {
      const text = await (await fetch(`${drive.url}/metrics`)).text();
      return Number(new RegExp(`^${gauge} (\\d+)`, "m").exec(text)?.[1]);
    };
    const cli = (...args: string[]) => parkedCli(drive.dataDir, vhost.url, args);
    await until(
      async () => [await gauge('sluice_parked_jobs{table="blobs"}'), await gauge("sluice_parked_messages")],
      ([jobs, messages]) => jobs === 1 && messages === 2,
    );
    const listed = (await cli()).split("\n").map((line): unknown => JSON.parse(line));
    expect(listed).toMatchObject([
      { table: "blobs", id: blob?.id, state: "spooled", attempts: 1, reason: "its spool file is gone, and no store has it" },
      { route: "push.any", reason: "not JSON", body: "{ not a message" },
    ]);

    await Bun.write(path, bytes);
    expect(await cli("--replay")).toBe("1 jobs are due again\n2 messages are published again");
    await untilDataDir(drive.dataDir, (data) => data.blobs[0]?.state === "stored");
    expect(await client.download(id)).toEqual(bytes);
    // Nobody understands it now, either.
    await until(
      async () => await cli(),
      (text) => text.includes("{ not a message") && !text.includes("blobs"),
    );
  });
});

/** Publishes anything, as somebody else's program may. */
async function publishRaw(url: string, routingKey: string, body: string): Promise<void> {
  const connection = await connect(url, { timeout: 5000 });
  const channel = await connection.createConfirmChannel();
  channel.publish("sluice.jobs", routingKey, Buffer.from(body));
  await channel.waitForConfirms();
  await connection.close();
}

async function parkedCli(dataDir: string, url: string, args: string[]): Promise<string> {
  const child = Bun.spawn([process.execPath, "workers/main.ts", "parked", ...args], {
    cwd: join(import.meta.dir, "../.."),
    env: { PATH: process.env["PATH"] ?? "", DATA_DIR: dataDir, AMQP_URL: url },
    stdout: "pipe",
    stderr: "pipe",
    timeout: 30_000,
  });
  const [out, err, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  return out.trim();
}
