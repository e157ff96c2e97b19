import { describe, expect, setDefaultTimeout, test } from "bun:test";

import { bytesOf, chunkOf, type Client, signUp, until } from "../support/client.ts";
import { readDataDir } from "../support/data_dir.ts";
import { type Drive, startDrive } from "../support/drive.ts";
import { expectCalm, expectNothingInside, expectProblem } from "../support/expect_problem.ts";
import { openRequest } from "../support/raw_request.ts";
import { resumingUpload } from "../support/resuming_upload.ts";
import { expectSettled } from "../support/settled.ts";
import { canMount, mountSmallDisk, type SmallDisk } from "../support/small_disk.ts";

setDefaultTimeout(300_000);

const mib = 2 ** 20;
const chunkSize = mib;
const content = bytesOf(4 * chunkSize - 1000, "disk");
const name = "a.bin";

interface Scene {
  disk: SmallDisk;
  drive: Drive;
  client: Client;
}

/** Runs `act` on a drive whose data folder is a disk of its own, which has to take it calmly. */
async function onSmallDisk(act: (scene: Scene) => Promise<void>): Promise<void> {
  await using disk = await mountSmallDisk(24 * mib);
  await using drive = await startDrive({ dataDir: `${disk.path}/data`, env: { DISK_RESERVE_BYTES: "0" } });
  await act({ disk, drive, client: await signUp(drive.url) });
  expectCalm(drive.output());
}

async function expectNoSpace(response: Response): Promise<void> {
  expect(response.status).toBe(507);
  await expectProblem(response, "no-space");
}

describe.concurrent.skipIf(!canMount)("a full disk", () => {
  test("refuses an upload that would not fit, and two that would not fit together", async () => {
    await onSmallDisk(async ({ client }) => {
      const init = (size: number) => client.fetch("/file/mpupload/init", { method: "POST", json: { name, size } });
      await expectNoSpace(await init(40 * mib));
      const both = await Promise.all([init(15 * mib), init(15 * mib)]);
      expect(both.map(({ status }) => status).toSorted()).toEqual([201, 507]);
      expect((await init(2 * mib)).status).toBe(201);
    });
  });

  test("refuses chunks and commits nothing of them; with room again the same upload is completed", async () => {
    await onSmallDisk(async ({ disk, drive, client }) => {
      const upload = resumingUpload(client, { name, bytes: content, chunkSize });
      const uploadId = await upload.send(2);
      for (const left of [0, 64 * 1024, 700 * 1024]) {
        await disk.fill(left);
        await Promise.all(
          [3, 4].map(async (i) => await expectNoSpace(await client.chunk(uploadId, i, chunkOf(content, chunkSize, i)))),
        );
        expect((await client.status(uploadId)).missing).toEqual([3, 4]);
        await disk.free();
      }
      await upload.go();
      await expectSettled(drive.dataDir, [{ client, name, bytes: content }]);
    });
  });

  test("refuses a chunk that comes in one piece likewise", async () => {
    await onSmallDisk(async ({ disk, drive, client }) => {
      const bytes = content.subarray(0, chunkSize + 60_000);
      const upload = resumingUpload(client, { name, bytes, chunkSize });
      const uploadId = await upload.send(1);
      for (const left of [0, 32 * 1024]) {
        await disk.fill(left);
        await expectNoSpace(await client.chunk(uploadId, 2, chunkOf(bytes, chunkSize, 2)));
        expect((await client.status(uploadId)).missing).toEqual([2]);
        await disk.free();
      }
      await upload.go();
      await expectSettled(drive.dataDir, [{ client, name, bytes }]);
    });
  });

  test("lets an upload that is whole be verified at once or when there is room, and takes no harm by asking", async () => {
    await onSmallDisk(async ({ disk, drive, client }) => {
      const upload = resumingUpload(client, { name, bytes: content, chunkSize });
      const uploadId = await upload.send(4);
      await disk.fill();
      const response = await client.fetch("/file/mpupload/complete", { method: "POST", json: { uploadId } });
      if (response.status !== 202) await expectNoSpace(response);
      await tryAll(client);
      await disk.free();
      await upload.go();
      await expectSettled(drive.dataDir, [{ client, name, bytes: content }]);
    });
  });

  test("refuses a form, though it filled up only on the way, and keeps nothing of it", async () => {
    await onSmallDisk(async ({ disk, drive, client }) => {
      const kept = bytesOf(1000, "kept");
      const { id } = await client.upload("kept.bin", kept);
      await expectSettled(drive.dataDir, [{ client, name: "kept.bin", bytes: kept }]);
      expect(await formThatFillsUp({ disk, drive, client })).toBe("no-space");
      expect(await client.download(id)).toEqual(kept);
      await tryAll(client);
      const data = await readDataDir(drive.dataDir);
      expect([data.spool, data.files.length, data.blobs.length]).toEqual([[], 1, 1]);
      await disk.free();
      await client.upload("form.bin", content);
      await expectSettled(drive.dataDir, [
        { client, name: "kept.bin", bytes: kept },
        { client, name: "form.bin", bytes: content },
      ]);
    });
  });

  test("lets a drive start anew, or says why not", async () => {
    await onSmallDisk(async ({ disk, drive: first, client }) => {
      const upload = resumingUpload(client, { name, bytes: content, chunkSize });
      const uploadId = await upload.send(2);
      await disk.fill();
      await first.kill();
      const started = await first.restart().catch((error: unknown) => String(error));
      await disk.free();
      await using drive = typeof started === "string" ? await first.restart() : started;
      if (typeof started === "string") expect(started).toMatch(/ended with 1 before it was ready[^]*(space|full|ENOSPC)/i);
      expect((await client.status(uploadId)).missing).toEqual([3, 4]);
      await upload.go();
      await expectSettled(drive.dataDir, [{ client, name, bytes: content }]);
    });
  });
});

/** Sends half a form, fills the disk, sends the rest. @returns the code of the answer. */
async function formThatFillsUp({ disk, drive, client }: Scene): Promise<string> {
  const head = '--b\r\nContent-Disposition: form-data; name="file"; filename="form.bin"\r\n\r\n';
  const tail = "\r\n--b--\r\n";
  const request = await openRequest(client, "POST", "/file/upload", {
    "content-type": "multipart/form-data; boundary=b",
    "content-length": head.length + content.byteLength + tail.length,
  });
  request.write(Buffer.concat([Buffer.from(head), content.subarray(0, 2 * mib)]));
  await until(
    async () => (await readDataDir(drive.dataDir)).spool,
    ({ length }) => length > 0,
  );
  await disk.fill();
  request.write(Buffer.concat([content.subarray(2 * mib), Buffer.from(tail)]));
  return await expectProblem(await request.answer, "no-space");
}

/** What else one does with a drive works, or says that there is no space. */
async function tryAll(client: Client): Promise<void> {
  const { username, password } = client;
  const answers = await Promise.all([
    client.fetch("/file/query"),
    client.fetch(`/user/${username}`),
    fetch(`${client.base}/readyz`),
    client.fetch(`/user/${username}`, { method: "POST", json: { password } }),
    client.fetch("/user", { method: "POST", json: { username: `${username}-2`, password } }),
    client.fetch("/file/mpupload/init", { method: "POST", json: { name, size: 100 * mib } }),
    client.fetch("/token/refresh", { method: "POST", json: { refreshToken: client.refreshToken } }),
  ]);
  for (const answer of answers) {
    if (answer.ok) expectNothingInside(await answer.text());
    else expect(await expectProblem(answer, "no-space", "unavailable")).toBeString();
  }
  expect(answers.slice(0, 2).map(({ status }) => status)).toEqual([200, 200]);
}
