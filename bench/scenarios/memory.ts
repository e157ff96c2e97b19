import { createHasher } from "#lib/bytes/mod.ts";

import type { Bench, Goal, Outcome, Row, Scenario } from "../scenario.ts";
import { signUp, type FileJson } from "../support/account.ts";
import { checkChunks, checkWhole, chunkRequests, openUpload } from "../support/chunked.ts";
import { startDrive } from "../support/drive.ts";
import { makePattern } from "../support/pattern.ts";
import { type Sender, startSender } from "../support/sender.ts";
import { type Watched, watchPeak } from "../support/watch_peak.ts";

const parallel = 64;
const goalMb = 150;
const pattern = makePattern();

/** What the gateway's memory grows to under many uploads, and under a large one. */
export const memory: Scenario = {
  name: "memory",
  about: "peak memory of a fresh gateway under 64 parallel chunks, and under one large form",
  diskBytes: 12e9,
  run: async ({ folder, quick }: Bench): Promise<Outcome> => {
    await using sender = await startSender();
    const chunks = await underChunks(folder, sender, quick ? parallel : 4 * parallel);
    const gibibytes = quick ? 0.5 : 4;
    const form = await underForm(folder, sender, gibibytes * 2 ** 30);
    const names = [`${parallel} parallel chunks`, `form of ${gibibytes} GiB`] as const;
    return { rows: [rowOf(names[0], chunks), rowOf(names[1], form)], goals: [goalOf(names[0], chunks), goalOf(names[1], form)] };
  },
};

async function underChunks(folder: string, sender: Sender, chunks: number): Promise<Watched> {
  await using drive = await startDrive(folder, {}, "under-chunks");
  const account = await signUp(drive.url);
  const uploadId = await openUpload(account, chunks);
  const job = { connections: parallel, requests: chunkRequests(account, uploadId, chunks) };
  const watched = await watchPeak(drive, async () => checkChunks(await sender.run(job)));
  await checkWhole(account, uploadId, chunks);
  return watched;
}

async function underForm(folder: string, sender: Sender, bytes: number): Promise<Watched> {
  await using drive = await startDrive(folder, {}, "under-form");
  const account = await signUp(drive.url);
  return await watchPeak(drive, async () => {
    const { answers } = await sender.run({ connections: 1, requests: [formRequest(account, bytes)] });
    const file: FileJson = JSON.parse(answers[0]?.body ?? "");
    const sha1 = createHasher("sha1");
    for (let done = 0; done < bytes; done += pattern.byteLength) sha1.update(pattern);
    const expected = Buffer.from(sha1.digest()).toString("hex");
    if (file.size !== bytes || file.sha1 !== expected) throw new Error(`the form made ${JSON.stringify(file)}`);
  });
}

/** RFC 7578. */
function formRequest({ url, headers }: { url: string; headers: Record<string, string> }, bytes: number) {
  const boundary = "----sluice-bench";
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="bench.bin"\r\n\r\n`;
  const body = [
    { kind: "text" as const, text: head },
    { kind: "cut" as const, at: 0, bytes: pattern.byteLength, times: bytes / pattern.byteLength },
    { kind: "text" as const, text: `\r\n--${boundary}--\r\n` },
  ];
  const type = { "content-type": `multipart/form-data; boundary=${boundary}` };
  return { method: "POST", url: `${url}/file/upload`, headers: { ...headers, ...type }, body };
}

function rowOf(name: string, { startBytes, medianBytes, peakBytes }: Watched): Row {
  return { under: name, "start MB": megabytes(startBytes), "median MB": megabytes(medianBytes), "peak MB": megabytes(peakBytes) };
}

function goalOf(name: string, { peakBytes }: Watched): Goal {
  return { name: `peak memory under ${name}`, value: megabytes(peakBytes), unit: "MB", atMost: goalMb };
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1e6);
}
