import { describe, expect, setDefaultTimeout, test } from "bun:test";

import type { FaultPoint } from "#lib/lifecycle/mod.ts";

import { ending } from "../support/child.ts";
import { bytesOf, type Client, signUp, until } from "../support/client.ts";
import { type DataDir, readDataDir, untilDataDir } from "../support/data_dir.ts";
import { type Drive, startDrive } from "../support/drive.ts";
import { expectCalm } from "../support/expect_problem.ts";
import { resumingUpload } from "../support/resuming_upload.ts";
import { expectSettled } from "../support/settled.ts";
import { allWorkers, startWorkers, type Workers } from "../support/workers.ts";

setDefaultTimeout(300_000);

const chunkSize = 2 ** 20;
const content = bytesOf(2_500_000, "workers");
const kept = bytesOf(5000, "kept");

/** Workers that send themselves a signal at a point. */
async function faultyWorkers(drive: Drive, point: FaultPoint, signal: NodeJS.Signals): Promise<Workers> {
  const { dataDir } = drive;
  return await startWorkers({ dataDir, program: "test/support/faulty_drive.ts", args: [point, signal, ...allWorkers] });
}

/** Uploads a file; the workers do the rest. */
async function upload(client: Client): Promise<void> {
  await resumingUpload(client, { name: "a.bin", bytes: content, chunkSize }).send();
}

/** Uploads a file that is to stay and one that is then deleted; the workers do the rest. */
async function uploadAndDelete(client: Client, { dataDir }: Drive): Promise<void> {
  await resumingUpload(client, { name: "gone.bin", bytes: content, chunkSize }).go();
  await resumingUpload(client, { name: "a.bin", bytes: kept, chunkSize }).go();
  const { files } = await untilDataDir(
    dataDir,
    ({ blobs }) => blobs.length === 2 && blobs.every(({ state }) => state === "stored"),
  );
  const id = files.find(({ name }) => name === "gone.bin")?.id;
  const response = await client.fetch("/file/delete", { method: "POST", json: { id } });
  expect(response.status).toBe(204);
}

const points: [FaultPoint, (client: Client, drive: Drive) => Promise<void>][] = [
  ["merge.mid-hash", upload],
  ["merge.before-commit", upload],
  ["merge.after-commit", upload],
  ["push.after-put", upload],
  ["push.after-commit", upload],
  ["purge.after-delete", uploadAndDelete],
];

/** What is there in the end: the one file, and the rows of uploads that are done. */
async function expectDone(client: Client, { dataDir }: Drive, act: unknown): Promise<void> {
  const isDeleted = act === uploadAndDelete;
  await expectSettled(dataDir, [{ client, name: "a.bin", bytes: isDeleted ? kept : content }], { deleted: isDeleted ? 1 : 0 });
}

describe.concurrent("workers in a process of their own", () => {
  for (const [point, act] of points) {
    test(`killed at ${point}: another process takes over`, async () => {
      await using drive = await startDrive({ env: { WORKERS: "none" } });
      const client = await signUp(drive.url);
      await using killed = await faultyWorkers(drive, point, "SIGKILL");
      await act(client, drive);
      expect(await ending(killed)).toBe("SIGKILL");

      await using workers = await startWorkers({ dataDir: drive.dataDir });
      await expectDone(client, drive, act);
      expectCalm(workers.output() + drive.output());
    });
  }

  // A pause (a stopped virtual machine, a disk that hangs) that outlasts the lease: the worker does not know that
  // it has lost the row, and goes on to write.
  for (const [point, act] of points.filter(([point]) => /before-commit|after-put|after-delete/.test(point))) {
    test(`frozen at ${point} until another one has done the job: what it writes then is refused`, async () => {
      await using drive = await startDrive({ env: { WORKERS: "none" } });
      const client = await signUp(drive.url);
      await using frozen = await faultyWorkers(drive, point, "SIGSTOP");
      await act(client, drive);
      await until(async () => await isStopped(frozen.pid), Boolean);
      await using workers = await startWorkers({ dataDir: drive.dataDir });
      await expectDone(client, drive, act);
      const before = rowsOf(await readDataDir(drive.dataDir));

      frozen.signal("SIGCONT");
      await until(
        async () => frozen.output(),
        (output) => output.includes('"msg":"job"'),
      );
      await expectDone(client, drive, act);
      expect(rowsOf(await readDataDir(drive.dataDir))).toEqual(before);
      expectCalm(workers.output() + drive.output());
    });
  }
});

/** Whether a process is stopped by a signal (proc(5): state "T" in the third field of stat). */
async function isStopped(pid: number): Promise<boolean> {
  return /\) T /.test(await Bun.file(`/proc/${pid}/stat`).text());
}

function rowsOf({ files, blobs, uploads }: DataDir): Pick<DataDir, "files" | "blobs" | "uploads"> {
  return { files, blobs, uploads };
}
