import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { FetchHttpHandler } from "@smithy/fetch-http-handler";
import { connect } from "amqplib";
import { Redis } from "ioredis";
import { createConnection } from "mysql2/promise";

import type { Server } from "../servers.ts";
import type { Stack } from "../stack.ts";

export interface Probe {
  write(stack: Stack, text: string): Promise<void>;
  /** The text that was written last. */
  read(stack: Stack): Promise<string>;
}

/** Keep a text in each server, and get it back, by the client that the drive uses for it. */
export const probes: Record<Server, Probe> = {
  mysql: { write: insert, read: selectOnReplica },
  redis: { write: (stack, text) => withRedis(stack, async (client) => void (await client.set("probe", text))), read: getRedis },
  amqp: { write: publish, read: getMessage },
  s3: { write: putObject, read: getObject },
};

async function insert(stack: Stack, text: string): Promise<void> {
  const connection = await createConnection(stack.mysql);
  await connection.query("CREATE TABLE IF NOT EXISTS probe (id INT PRIMARY KEY, text VARCHAR(100))");
  await connection.execute("REPLACE INTO probe VALUES (1, ?)", [text]);
  await connection.end();
}

/** Waits for what the primary has committed by then. */
async function selectOnReplica(stack: Stack): Promise<string> {
  const [primary, replica] = [await createConnection(stack.mysql), await createConnection(stack.replica)];
  const [[position]] = (await primary.query("SELECT @@gtid_binlog_pos AS gtid")) as unknown as [[{ gtid: string }]];
  const [[waited]] = (await replica.query("SELECT MASTER_GTID_WAIT(?, 20) AS code", [position.gtid])) as unknown as [
    [{ code: number }],
  ];
  if (waited.code !== 0) throw new Error(`the replica did not reach ${position.gtid}`);
  const [[row]] = (await replica.query("SELECT text FROM probe")) as unknown as [[{ text: string }]];
  await Promise.all([primary.end(), replica.end()]);
  return row.text;
}

async function withRedis<T>(stack: Stack, task: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(stack.redis, { maxRetriesPerRequest: 1 });
  // The command that fails for it rejects.
  client.on("error", () => {});
  try {
    return await task(client);
  } finally {
    client.disconnect();
  }
}

async function getRedis(stack: Stack): Promise<string> {
  return await withRedis(stack, async (client) => (await client.get("probe")) ?? "");
}

async function publish(stack: Stack, text: string): Promise<void> {
  const connection = await connect(stack.amqp);
  const channel = await connection.createConfirmChannel();
  await channel.assertQueue("probe", { durable: true, arguments: { "x-queue-type": "quorum" } });
  await channel.purgeQueue("probe");
  channel.sendToQueue("probe", Buffer.from(text), { persistent: true });
  await channel.waitForConfirms();
  await connection.close();
}

/** The message stays in the queue. */
async function getMessage(stack: Stack): Promise<string> {
  const connection = await connect(stack.amqp);
  const channel = await connection.createChannel();
  const message = await channel.get("probe");
  if (message === false) throw new Error("the queue is empty");
  channel.nack(message);
  await channel.close();
  await connection.close();
  return message.content.toString();
}

/** The handler that puts fastest here, and bounded, for a store that is frozen never answers. */
function openS3({ s3: { endpoint, region, accessKeyId, secretAccessKey } }: Stack): S3Client {
  return new S3Client({
    endpoint,
    region,
    credentials: { accessKeyId, secretAccessKey },
    forcePathStyle: true,
    requestHandler: new FetchHttpHandler({ requestTimeout: 20_000 }),
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
  });
}

async function putObject(stack: Stack, text: string): Promise<void> {
  const client = openS3(stack);
  await client.send(new PutObjectCommand({ Bucket: stack.s3.bucket, Key: "probe", Body: text }));
  client.destroy();
}

/** By a presigned URL, as nginx will get it. */
async function getObject(stack: Stack): Promise<string> {
  const client = openS3(stack);
  const url = await getSignedUrl(client, new GetObjectCommand({ Bucket: stack.s3.bucket, Key: "probe" }));
  const response = await fetch(url, { signal: AbortSignal.timeout(20_000) });
  if (!response.ok) throw new Error(`the store answers ${response.status}: ${await response.text()}`);
  return await response.text();
}
