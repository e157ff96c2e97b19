import { join } from "node:path";

import type { Bench, Outcome, Scenario } from "../scenario.ts";
import { type Account, type FileJson, signUp } from "../support/account.ts";
import { doneFile, storedFile } from "../support/chunked.ts";
import { startDrive } from "../support/drive.ts";
import { largestFile } from "../support/largest_file.ts";
import { median } from "../support/median.ts";
import { type Sender, startSender } from "../support/sender.ts";

const chunkBytes = 64 * 2 ** 20;
const smallBytes = 1e6;

/** What completing costs, and what merging costs beyond the hashing that nobody can save. */
export const complete: Scenario = {
  name: "complete",
  about: "complete of a 10 GB upload against one of 1 MB; then its merge against SHA-1 and SHA-256 alone over the same file",
  diskBytes: 25e9,
  run: async ({ folder, quick }: Bench): Promise<Outcome> => {
    await using sender = await startSender();
    await using drive = await startDrive(folder);
    const account = await signUp(drive.url);
    const small = await completeSmall(account, sender, quick ? 7 : 15);
    const bytes = quick ? 1e9 : 10e9;
    const uploadId = await sendZeros(account, sender, bytes);
    const flushSeconds = await flush(drive.dataDir);
    const before = await hashAlone(join(drive.dataDir, "spool"));
    const largeMs = await timeComplete(account, uploadId);
    const begin = performance.now();
    const file = await doneFile(account, uploadId);
    const mergeSeconds = (performance.now() - begin + largeMs) / 1000;
    await storedFile(account, file.id);
    const after = await hashAlone(join(drive.dataDir, "store"));
    mustBeSame(file, before, bytes);
    const hashSeconds = (before.seconds + after.seconds) / 2;
    return outcomeOf({ bytes, small, largeMs, flushSeconds, mergeSeconds, hashSeconds });
  },
};

interface Times {
  bytes: number;
  /** Milliseconds of each. */
  small: number[];
  largeMs: number;
  flushSeconds: number;
  mergeSeconds: number;
  hashSeconds: number;
}

function outcomeOf({ bytes, small, largeMs, flushSeconds, mergeSeconds, hashSeconds }: Times): Outcome {
  const [smallMs, slowestMs] = [median(small), Math.max(...small)];
  const gb = `${bytes / 1e9} GB`;
  const rate = (seconds: number) => `${Math.round(bytes / 1e6 / seconds)} MB/s`;
  const rows = [
    { step: "complete of 1 MB (median)", took: `${smallMs.toFixed(1)} ms`, rate: "" },
    { step: "complete of 1 MB (slowest)", took: `${slowestMs.toFixed(1)} ms`, rate: "" },
    { step: `disk takes what it still had to of ${gb}`, took: `${flushSeconds.toFixed(1)} s`, rate: "" },
    { step: `complete of ${gb} after that`, took: `${largeMs.toFixed(1)} ms`, rate: "" },
    { step: `complete to done of ${gb}`, took: `${mergeSeconds.toFixed(2)} s`, rate: rate(mergeSeconds) },
    { step: "SHA-1 and SHA-256 alone", took: `${hashSeconds.toFixed(2)} s`, rate: rate(hashSeconds) },
  ];
  const goals = [
    // A bound for "the same time for any size": a factor of the slowest small one, as there is but one large one.
    { name: `complete of ${gb} to the slowest of 1 MB`, value: largeMs / slowestMs, unit: "×", atMost: 3 },
    { name: "merge throughput of hashing alone", value: hashSeconds / mergeSeconds, unit: "×", atLeast: 0.8 },
  ];
  return { rows, goals };
}

async function completeSmall(account: Account, sender: Sender, count: number): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < count; i++) {
    const uploadId = await sendZeros(account, sender, smallBytes);
    times.push(await timeComplete(account, uploadId));
    await doneFile(account, uploadId);
  }
  return times;
}

/** Milliseconds that `complete` takes to answer. */
async function timeComplete(account: Account, uploadId: string): Promise<number> {
  const begin = performance.now();
  await account.json(202, "POST", "/file/mpupload/complete", { uploadId });
  return performance.now() - begin;
}

/** An upload of zeros whose every chunk is sent and acknowledged. */
async function sendZeros(account: Account, sender: Sender, size: number): Promise<string> {
  const body = { name: `zeros-${size}`, size, chunkSize: chunkBytes };
  const { uploadId } = await account.json<{ uploadId: string }>(201, "POST", "/file/mpupload/init", body);
  const requests = Array.from({ length: Math.ceil(size / chunkBytes) }, (_, i) => ({
    method: "PUT",
    url: `${account.url}/file/mpupload/uppart?uploadid=${uploadId}&index=${i + 1}`,
    headers: account.headers,
    body: [{ kind: "zeros" as const, bytes: Math.min(chunkBytes, size - i * chunkBytes) }],
  }));
  await sender.run({ connections: 4, requests });
  return uploadId;
}

/** What a client's own pace would have given the disk time for. @returns the seconds it took. */
async function flush(folder: string): Promise<number> {
  const begin = performance.now();
  await Bun.spawn(["sync", "--file-system", folder]).exited;
  return (performance.now() - begin) / 1000;
}

interface Hashed {
  sha1: string;
  sha256: string;
  seconds: number;
}

/** In a process of its own, over the very file. */
async function hashAlone(folder: string): Promise<Hashed> {
  const program = join(import.meta.dir, "../peers/hash.ts");
  const child = Bun.spawn([process.execPath, program, await largestFile(folder)], { stdio: ["ignore", "pipe", "inherit"] });
  return await child.stdout.json();
}

function mustBeSame(file: FileJson, { sha1, sha256 }: Hashed, bytes: number): void {
  if (file.sha1 === sha1 && file.sha256 === sha256 && file.size === bytes) return;
  throw new Error(`the file is ${JSON.stringify(file)}, must have SHA-1 ${sha1} and SHA-256 ${sha256}`);
}
