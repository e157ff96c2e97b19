import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { connect } from "amqplib";
import { Redis } from "ioredis";

import { bytesOf, type Client, type FileJson, hashOf, signUp, until } from "../support/client.ts";
import { startTestCluster, type TestCluster } from "../support/cluster.ts";
import { expectClusterSettled } from "../support/cluster_settled.ts";
import { lacksServers } from "../support/real_servers.ts";
import { persist, type ResumingUpload, resumingUpload } from "../support/resuming_upload.ts";

setDefaultTimeout(300_000);

const chunkSize = 256 * 1024;

describe.skipIf(lacksServers("mysql", "redis", "amqp", "s3", "nginx"))("a cluster that loses what may vanish", () => {
  let cluster: TestCluster;
  let client: Client;
  const everything: (ResumingUpload & { client: Client })[] = [];

  beforeAll(async () => {
    cluster = await startTestCluster();
    client = await signUp(cluster.nginx);
  });
  afterAll(async () => await cluster?.[Symbol.asyncDispose]());

  /** Uploads 8 files at once, and does something again and again meanwhile. */
  async function uploadWhile(name: string, disturb: () => Promise<void>): Promise<void> {
    const uploads = Array.from({ length: 8 }, (_, i) => {
      const bytes = bytesOf((i + 1) * chunkSize + i, `${name} ${i}`);
      return { client, ...resumingUpload(client, { name: `${name} ${i}.bin`, bytes, chunkSize }) };
    });
    everything.push(...uploads);
    const over = new AbortController();
    const disturbing = async () => {
      for (let times = 0; times < 3 || !over.signal.aborted; times++) {
        await disturb();
        await Bun.sleep(30);
      }
    };
    const all = Promise.all(uploads.map((upload) => persist(() => upload.go()))).finally(() => over.abort());
    await Promise.all([disturbing(), all]);
    await expectClusterSettled(cluster, everything);
  }

  test("FLUSHALL, again and again, in the middle of uploads costs nothing but speed", async () => {
    using stack = new DisposableStack();
    const redis = stack.adopt(new Redis(cluster.servers.redis), (open) => open.disconnect());
    await uploadWhile("flushed", async () => void (await redis.flushall()));
  });

  test("every queue purged, again and again, loses no job", async () => {
    await using stack = new AsyncDisposableStack();
    const connection = stack.adopt(await connect(cluster.servers.amqp), async (open) => await open.close());
    const channel = await connection.createChannel();
    const queues = ["merge", "push", "purge"].flatMap((worker) => ["node-1", "node-2"].map((node) => `sluice.${worker}.${node}`));
    await uploadWhile("purged", async () => {
      for (const queue of queues) await channel.purgeQueue(queue);
    });
  });

  test("on a replica that is 3 s behind every user sees what they have just done, by any gateway", async () => {
    const delay = async (seconds: number) => {
      for (const sql of ["STOP SLAVE", `CHANGE MASTER TO master_delay=${seconds}`, "START SLAVE"])
        await cluster.database.root(sql, "replica");
    };
    await delay(3);
    try {
      for (let round = 0; round < 5; round++) {
        const bytes = bytesOf(1000 + round);
        client.base = cluster.gateways[round % 2] ?? "";
        const { id } = await client.upload(`round ${round}`, bytes);
        client.base = cluster.gateways[(round + 1) % 2] ?? "";
        expect((await client.json<FileJson>(200, `/file/query?id=${id}`)).name).toBe(`round ${round}`);
        await client.json(200, "/file/update", { method: "POST", json: { id, name: `renamed ${round}` } });
        client.base = cluster.nginx;
        const { files } = await client.json<{ files: FileJson[] }>(200, "/file/query?q=renamed");
        expect(files[0]?.name).toBe(`renamed ${round}`);
        expect((await client.fetch("/file/delete", { method: "POST", json: { id } })).status).toBe(204);
        client.base = cluster.gateways[round % 2] ?? "";
        expect((await client.fetch(`/file/query?id=${id}`)).status).toBe(404);
      }
    } finally {
      client.base = cluster.nginx;
      await delay(0);
    }
  });

  test("the bytes end in Ceph, where a client that is not ours finds them", async () => {
    const bytes = bytesOf(20_000_000);
    const { id } = await client.upload("in ceph.bin", bytes);
    await until(
      () => client.json<FileJson>(200, `/file/query?id=${id}`),
      ({ state }) => state === "stored",
    );
    const [row] = await cluster.database.root(`select \`key\` from blobs where sha1 = '${hashOf("sha1", bytes)}'`);
    const { endpoint, region, bucket, accessKeyId, secretAccessKey } = cluster.servers.s3;
    const s3 = new S3Client({ endpoint, region, forcePathStyle: true, credentials: { accessKeyId, secretAccessKey } });
    const url = await getSignedUrl(s3, new GetObjectCommand({ Bucket: bucket, Key: String(row?.["key"]) }));
    const curl = Bun.spawn(["curl", "-sS", "--fail", url], { stdout: "pipe", stderr: "inherit" });
    expect(hashOf("sha1", await curl.stdout.bytes())).toBe(hashOf("sha1", bytes));
    expect(await curl.exited).toBe(0);
  });
});
