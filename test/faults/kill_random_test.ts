import { setDefaultTimeout, test } from "bun:test";

import { bytesOf, type Client, signUp } from "../support/client.ts";
import { ageUnfinished, untilDataDir } from "../support/data_dir.ts";
import { type Drive, startDrive } from "../support/drive.ts";
import { expectCalm } from "../support/expect_problem.ts";
import { persist, type ResumingUpload, resumingUpload } from "../support/resuming_upload.ts";
import { seeded } from "../support/seeded.ts";
import { expectSettled } from "../support/settled.ts";

setDefaultTimeout(300_000);

const uploadCount = 24;
const parallelUploads = 4;
const kills = 6;
const chunkSize = 256 * 1024;

interface Run {
  uploads: (ResumingUpload & { client: Client })[];
  random: () => number;
  /** Every drive that was started. */
  drives: AsyncDisposableStack;
}

/** Uploads of 1 to 8 chunks. Every fourth is somebody else's, of the content of the one before it. */
function makeUploads([one, other]: [Client, Client], random: () => number): Run["uploads"] {
  let bytes = bytesOf(1, "random");
  return Array.from({ length: uploadCount }, (_, i) => {
    const isSecond = i % 4 === 3;
    if (!isSecond) bytes = bytesOf(1 + Math.floor(random() * 8 * chunkSize), `random ${i} ${random()}`);
    const client = isSecond ? other : one;
    return { client, ...resumingUpload(client, { name: `${i}.bin`, bytes, chunkSize }) };
  });
}

/** Kills the drive and starts it anew, again and again, each time after some more chunks and a moment. */
async function keepKilling(drive: Drive, { uploads, random, drives }: Run, uploading: AbortSignal): Promise<Drive> {
  const total = uploads.reduce((sum, { bytes }) => sum + Math.ceil(bytes.byteLength / chunkSize), 0);
  const acknowledged = () => uploads.reduce((sum, upload) => sum + upload.acknowledged.size, 0);
  let current = drive;
  for (let kill = 1; kill <= kills; kill++) {
    const after = Math.floor((total * (kill - random())) / kills);
    while (acknowledged() < after && !uploading.aborted) await Bun.sleep(1);
    await Bun.sleep(random() * 60);
    await current.kill();
    expectCalm(current.output());
    current = drives.use(await current.restart({ PORT: "0" }));
    for (const { client } of uploads) client.base = current.url;
  }
  return current;
}

async function uploadAll(uploads: ResumingUpload[]): Promise<void> {
  const rest = uploads.values();
  const worker = async () => {
    for (const upload of rest) await persist(() => upload.go());
  };
  await Promise.all(Array.from({ length: parallelUploads }, worker));
}

for (const seed of [1, 20_170_223]) {
  test.concurrent(`${uploadCount} uploads on a drive that is killed ${kills} times at random end well, each once (seed ${seed})`, async () => {
    const random = seeded(seed);
    await using drives = new AsyncDisposableStack();
    const first = drives.use(await startDrive({ env: { LEASE_TTL: "1s" } }));
    const uploads = makeUploads([await signUp(first.url), await signUp(first.url)], random);
    const uploading = new AbortController();
    const [drive] = await Promise.all([
      keepKilling(first, { uploads, random, drives }, uploading.signal),
      uploadAll(uploads).finally(() => uploading.abort()),
    ]);
    await untilDataDir(drive.dataDir, ({ blobs }) => blobs.every(({ state }) => state === "stored"));
    await ageUnfinished(drive.dataDir);
    await expectSettled(drive.dataDir, uploads);
    expectCalm(drive.output());
  });
}
