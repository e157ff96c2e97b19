import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";

import type { Bench, Outcome, Row, Scenario } from "../scenario.ts";
import { signUp } from "../support/account.ts";
import { checkChunks, checkWhole, chunkBody, chunkRequests, openUpload } from "../support/chunked.ts";
import { compete, type Contender, type Tally } from "../support/contender.ts";
import { type Drive, startDrive } from "../support/drive.ts";
import { lengthOf } from "../support/job.ts";
import { median } from "../support/median.ts";
import { startSender } from "../support/sender.ts";
import { type Server, startServer } from "../support/server.ts";

const connections = 4;
const chunks = 64;
const totalBytes = lengthOf(chunkBody(1)) * chunks;

/** A chunked upload, against a server that reads the same bodies and keeps nothing, and against another resumable one. */
export const upload: Scenario = {
  name: "upload",
  about: "512 MiB in 8 MiB chunks over 4 connections, against a bare Bun server that discards the same bodies",
  diskBytes: 8e9,
  run: async ({ folder, quick }: Bench): Promise<Outcome> => {
    await using sender = await startSender();
    await using discard = await startServer({ command: [process.execPath, "bench/peers/discard.ts"], folder, name: "discard" });
    const written = join(folder, "written");
    await using write = await startServer({
      command: [process.execPath, "bench/peers/write.ts", written],
      folder,
      name: "write",
    });
    await using drive = await startDrive(folder);
    await using stack = new AsyncDisposableStack();
    const others = quick ? [] : await tusContenders(folder, stack);
    const contenders = [
      bareContender("discard (bare Bun)", discard, async () => {}),
      await receiving(drive),
      bareContender("write only (bare Bun)", write, () => rm(written)),
      ...others,
    ];
    const tallies = await compete({ sender, contenders, rounds: quick ? 3 : 9, writeBytes: totalBytes });
    return outcomeOf(tallies);
  },
};

function outcomeOf(tallies: Tally[]): Outcome {
  const [discard, , write] = tallies;
  const rows = tallies.map((tally): Row => ({
    server: tally.name,
    "MB/s": megabytesPerSecond(tally.seconds),
    "best MB/s": megabytesPerSecond(Math.min(...tally.runs.map(({ seconds }) => seconds))),
    "of discard": ratio(tally, discard),
    "of write": ratio(tally, write),
    "CPU s": Number(tally.cpuSeconds.toFixed(2)),
    "client CPU s": Number(tally.clientCpuSeconds.toFixed(2)),
    "peak RSS MB": Math.round(tally.peakBytes / 1e6),
  }));
  return { rows, goals: [{ name: "upload throughput of discard", value: ratio(tallies[1], discard), unit: "×", atLeast: 0.8 }] };
}

/** How fast one is beside another: the median of the rounds. */
function ratio(tally: Tally | undefined, beside: Tally | undefined): number {
  const ratios = tally?.runs.map(({ seconds }, round) => (beside?.runs[round]?.seconds ?? NaN) / seconds);
  return Number(median(ratios ?? []).toFixed(2));
}

function megabytesPerSecond(seconds: number): number {
  return Math.round(totalBytes / 1e6 / seconds);
}

function bareContender(name: string, server: Server, clear: () => Promise<void>): Contender {
  const requests = Array.from({ length: chunks }, (_, i) => ({
    method: "PUT",
    url: `${server.url}/?at=${i * lengthOf(chunkBody(1))}`,
    headers: {},
    body: chunkBody(i + 1),
  }));
  return {
    name,
    server,
    prepare: async () => ({ connections, requests }),
    check: async ({ answers }) => {
      const sizes = answers.map(({ body }): { size: number } => JSON.parse(body));
      mustBe(
        sizes.reduce((sum, { size }) => sum + size, 0),
        totalBytes,
      );
      await clear();
    },
  };
}

/** The first upload is completed and its SHA-1 compared; of the others every chunk's CRC-32 is. */
async function receiving(server: Drive): Promise<Contender> {
  const account = await signUp(server.url);
  let uploadId = "";
  let isChecked = false;
  return {
    name: "sluice",
    server,
    prepare: async () => {
      uploadId = await openUpload(account, chunks);
      return { connections, requests: chunkRequests(account, uploadId, chunks) };
    },
    check: async (result) => {
      checkChunks(result);
      if (!isChecked) await checkWhole(account, uploadId, chunks);
      else await account.json(204, "POST", "/file/mpupload/cancel", { uploadId });
      isChecked = true;
    },
  };
}

async function tusContenders(folder: string, stack: AsyncDisposableStack): Promise<Contender[]> {
  const onBun = stack.use(await startTus(folder, process.execPath, "tus-bun"));
  const onNode = stack.use(await startTus(folder, "node", "tus-node"));
  return [
    tusContender("@tus/server on Bun", onBun, join(folder, "tus-bun")),
    tusContender("@tus/server on Node.js", onNode, join(folder, "tus-node")),
  ];
}

async function startTus(folder: string, runtime: string, name: string): Promise<Server> {
  const directory = join(folder, name);
  await mkdir(directory);
  return await startServer({ command: [runtime, "bench/peers/tus.mjs", directory], folder, name });
}

/** Four uploads at once, a quarter of the bytes each: tus knows no chunks of one upload in parallel. */
function tusContender(name: string, server: Server, directory: string): Contender {
  const bytes = totalBytes / connections;
  let urls: string[] = [];
  return {
    name,
    server,
    prepare: async () => {
      urls = await Promise.all(Array.from({ length: connections }, () => createTus(server.url, bytes)));
      return { connections, requests: urls.map((url) => patchOf(url, bytes)) };
    },
    check: async ({ answers }) => {
      mustBe(answers.filter(({ status }) => status === 204).length, connections);
      for (const url of urls) mustBe(await offsetOf(url), bytes);
      for (const file of await readdir(directory)) await rm(join(directory, file));
    },
  };
}

/** tus 1.0, section "Creation". */
async function createTus(url: string, bytes: number): Promise<string> {
  const headers = { "tus-resumable": "1.0.0", "upload-length": String(bytes) };
  const { status, headers: answered } = await fetch(`${url}/files`, { method: "POST", headers });
  mustBe(status, 201);
  return new URL(answered.get("location") ?? "", url).href;
}

function patchOf(url: string, bytes: number) {
  const headers = { "tus-resumable": "1.0.0", "upload-offset": "0", "content-type": "application/offset+octet-stream" };
  const times = bytes / lengthOf(chunkBody(1));
  return { method: "PATCH", url, headers, body: chunkBody(1).map((part) => ({ ...part, times })) };
}

async function offsetOf(url: string): Promise<number> {
  const { headers } = await fetch(url, { method: "HEAD", headers: { "tus-resumable": "1.0.0" } });
  return Number(headers.get("upload-offset"));
}

function mustBe(value: number, expected: number): void {
  if (value !== expected) throw new Error(`got ${value}, must be ${expected}`);
}
