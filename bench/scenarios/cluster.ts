import { open } from "node:fs/promises";
import { join } from "node:path";

import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";

import type { S3Access } from "../../test/stack/mod.ts";
import type { Bench, Goal, Outcome, Row, Scenario } from "../scenario.ts";
import { type BenchCluster, startBenchCluster } from "../support/cluster.ts";
import { startFront } from "../support/front.ts";
import { runLoad, type Target } from "../support/load.ts";
import { makeFile } from "../support/make_file.ts";
import { median } from "../support/median.ts";
import { startServer } from "../support/server.ts";
import { curl, curlGet, race, speedRatio, type Transfer } from "../support/transfer.ts";
import { uploadFile } from "../support/upload_file.ts";

const bytes = 256 * 2 ** 20;
const partBytes = 16 * 2 ** 20;
/** A change counts as recent for 5 s. */
const recentMs = 6000;

/** The cluster through its front, against Ceph asked directly and against the same front before a constant. */
export const cluster: Scenario = {
  name: "cluster",
  about:
    "256 MiB to and from Ceph against curl and presigned URLs; GET /file/query?id= against a bare Hono route behind the same nginx",
  diskBytes: 12e9,
  run: async ({ folder, quick }: Bench): Promise<Outcome> => {
    await using drive = await startBenchCluster(folder);
    const path = join(folder, "file.bin");
    await makeFile(path, bytes);
    const stored = await uploadFile(drive.url, path, true);
    const bytesOutcome = await raceBytes(drive, path, stored, quick ? 3 : 7);
    const loadOutcome = await loadQueries(drive, folder, stored, quick);
    return { rows: [...bytesOutcome.rows, ...loadOutcome.rows], goals: [...bytesOutcome.goals, ...loadOutcome.goals] };
  },
};

type Stored = Awaited<ReturnType<typeof uploadFile>>;

async function raceBytes(drive: BenchCluster, path: string, stored: Stored, rounds: number): Promise<Outcome> {
  const { s3 } = drive;
  const direct = await directUrl(s3, `bench/${crypto.randomUUID()}`, path);
  const parts = await splitFile(path);
  const transfers: Transfer[] = [
    { name: "get from RGW by curl", run: () => curlGet(direct, bytes) },
    { name: "get through the front", run: () => curlGet(drive.url + stored.path, bytes, stored.headers) },
    { name: "put to RGW by 4 curls, 16 MiB each", run: () => putByCurl(s3, parts) },
    { name: "push by the worker", run: () => pushOnce(drive.url, path) },
  ];
  const seconds = await race(transfers, rounds);
  const rows = transfers.map(({ name }, i): Row => {
    const base = seconds[i < 2 ? 0 : 2];
    return { what: name, "MB/s": Math.round(bytes / 1e6 / median(seconds[i] ?? [])), "of direct": speedRatio(seconds[i], base) };
  });
  return {
    rows,
    goals: [
      {
        name: "a Ceph object through the front of RGW asked directly",
        value: speedRatio(seconds[1], seconds[0]),
        unit: "×",
        atLeast: 0.9,
      },
      { name: "push of parallel presigned puts", value: speedRatio(seconds[3], seconds[2]), unit: "×", atLeast: 0.9 },
    ],
  };
}

/** From the upload's answer until the file is `stored`. Each time another content: what the drive has is not pushed again. */
async function pushOnce(url: string, path: string): Promise<number> {
  await using file = await open(path, "r+");
  await file.write(crypto.getRandomValues(new Uint8Array(64)), 0, 64, 0);
  const spooled = await uploadFile(url, path, false);
  const begin = performance.now();
  await stored(url, spooled);
  return (performance.now() - begin) / 1000;
}

async function stored(url: string, { file, headers }: Stored): Promise<void> {
  for (;;) {
    const answer = await fetch(`${url}/file/query?id=${file.id}`, { headers });
    const { state }: { state: string } = JSON.parse(await answer.text());
    if (state === "stored") return;
    await Bun.sleep(5);
  }
}

function s3Client({ endpoint, region, accessKeyId, secretAccessKey }: S3Access): S3Client {
  return new S3Client({ endpoint, region, forcePathStyle: true, credentials: { accessKeyId, secretAccessKey } });
}

/** Puts the file under a key, and signs a URL to get it. */
async function directUrl(s3: S3Access, key: string, path: string): Promise<string> {
  const client = s3Client(s3);
  const object = { Bucket: s3.bucket, Key: key };
  await curl(["-o", "/dev/null", "-T", path, "-H", "Expect:", await getSignedUrl(client, new PutObjectCommand(object))]);
  return await getSignedUrl(client, new GetObjectCommand(object), { expiresIn: 3600 });
}

async function splitFile(path: string): Promise<string[]> {
  await using file = await open(path);
  const parts = Array.from({ length: bytes / partBytes }, (_, i) => `${path}.${i}`);
  const piece = Buffer.alloc(partBytes);
  for (const [i, part] of parts.entries()) {
    await file.read(piece, 0, partBytes, i * partBytes);
    await Bun.write(part, piece);
  }
  return parts;
}

/** Four curls, each with one connection and every fourth part: as parallel as the worker's own put. */
async function putByCurl(s3: S3Access, parts: string[]): Promise<number> {
  const client = s3Client(s3);
  const run = crypto.randomUUID();
  const signed = (i: number) => getSignedUrl(client, new PutObjectCommand({ Bucket: s3.bucket, Key: `bench/${run}/${i}` }));
  const commands = await Promise.all(
    [0, 1, 2, 3].map(async (first) => {
      const own = [...parts.entries()].filter(([i]) => i % 4 === first);
      const puts = await Promise.all(
        own.map(async ([i, part]) => ["-o", "/dev/null", "-H", "Expect:", "-T", part, await signed(i)]),
      );
      return puts.flatMap((put, i) => (i === 0 ? put : ["--next", "-sS", "--fail", ...put]));
    }),
  );
  const begin = performance.now();
  await Promise.all(commands.map(curl));
  return (performance.now() - begin) / 1000;
}

async function loadQueries(drive: BenchCluster, folder: string, { file, headers }: Stored, quick: boolean): Promise<Outcome> {
  const path = `/file/query?id=${file.id}`;
  const answer = await (await fetch(`${drive.url}${path}`, { headers })).text();
  const command = [process.execPath, "bench/peers/constant.ts", answer];
  await using one = await startServer({ command, folder, name: "constant-1" });
  await using other = await startServer({ command, folder, name: "constant-2" });
  await using floor = await startFront(folder, [one, other]);
  const targets: Target[] = [
    { name: "bare Hono behind nginx", server: floor, path, headers },
    { name: "query behind nginx, on the cluster", server: drive, path, headers },
  ];
  // Who has just written reads the primary; here it is measured what all others do.
  await Bun.sleep(recentMs);
  const rates = targets.map((): number[] => []);
  for (let round = 0; round <= (quick ? 3 : 6); round++) {
    for (const [i, target] of targets.entries()) {
      const { perSecond } = await runLoad(target, quick ? 1 : 3);
      if (round > 0) rates[i]?.push(1 / perSecond);
    }
  }
  const ratio = speedRatio(rates[1], rates[0]);
  const rows = targets.map(({ name }, i): Row => {
    return { what: name, "requests/s": Math.round(1 / median(rates[i] ?? [])), "of direct": speedRatio(rates[i], rates[0]) };
  });
  const goal: Goal = { name: "query behind nginx of bare Hono behind the same nginx", value: ratio, unit: "×", atLeast: 0.8 };
  return { rows, goals: [goal] };
}
