import { describe, expect, setDefaultTimeout, test } from "bun:test";

import type { FaultPoint } from "#lib/lifecycle/mod.ts";

import { ending } from "../support/child.ts";
import { bytesOf, type Client, signUp } from "../support/client.ts";
import { type DataDir, readDataDir, untilDataDir } from "../support/data_dir.ts";
import { type Drive, startDrive } from "../support/drive.ts";
import { expectCalm } from "../support/expect_problem.ts";
import { type ResumingUpload, resumingUpload } from "../support/resuming_upload.ts";
import { expectSettled } from "../support/settled.ts";

setDefaultTimeout(300_000);

const plain = { program: "gateway/main.ts", args: [] };
const faulty = (point: FaultPoint) => ({ program: "test/support/faulty_drive.ts", args: [point] });
/** Not the port of the process before: in the moment between the two, anybody may take it. */
const anyPort = { PORT: "0" };

/** More than 1 MiB, so that the merge hashes it in a thread; the last chunk is a short one. */
const content = bytesOf(3_500_000, "kill");
const chunkSize = 2 ** 20;

type Program = { program: string; args: string[] };

interface Scene {
  client: Client;
  /** Two of its four chunks are acknowledged. */
  upload: ResumingUpload;
}

interface Scenario {
  /** What brings the drive to the point, and what its client does again once there is a new process. */
  act: (scene: Scene) => Promise<unknown>;
  /** What lies there while no process runs. */
  left: (data: DataDir) => void;
}

const byChunks = ({ upload }: Scene) => upload.go();
const byForm = ({ client }: Scene) => client.upload("form.bin", content);

const inState = (upload: string, blob?: string) => (data: DataDir) => {
  expect(data.uploads.map(({ state }) => state)).toEqual([upload]);
  expect(data.blobs.map(({ state }) => state)).toEqual(blob === undefined ? [] : [blob]);
  expect(data.files).toHaveLength(blob === undefined ? 0 : 1);
};

/** Those of purges, fetches, probes and copies are in {kill_workers,fetch,probe,stores}_test.ts. */
const scenarios: Record<
  Exclude<FaultPoint, "purge.after-delete" | `${"fetch" | "probe" | "copy" | "drop"}.${string}`>,
  Scenario
> = {
  "chunk.mid-body": { act: byChunks, left: inState("open") },
  "chunk.before-log": { act: byChunks, left: inState("open") },
  "complete.after-commit": { act: byChunks, left: inState("verifying") },
  "merge.mid-hash": { act: byChunks, left: inState("verifying") },
  "merge.before-commit": { act: byChunks, left: inState("verifying") },
  "merge.after-commit": { act: byChunks, left: inState("done", "spooled") },
  "push.after-put": { act: byChunks, left: inState("done", "spooled") },
  "push.after-commit": { act: byChunks, left: inState("done", "stored") },
  "form.before-commit": {
    act: byForm,
    left: ({ spool, files, blobs }) => {
      expect(spool.filter((name) => name.endsWith(".data"))).toHaveLength(2);
      expect([files, blobs]).toEqual([[], []]);
    },
  },
};

/** A client who has half an upload on a drive. */
async function halfAnUpload(drive: Drive): Promise<Scene> {
  const client = await signUp(drive.url);
  const upload = resumingUpload(client, { name: "chunks.bin", bytes: content, chunkSize });
  await upload.send(2);
  return { client, upload };
}

async function next(drive: Drive, { client }: Pick<Scene, "client">, program: Program): Promise<Drive> {
  const started = await drive.restart(anyPort, program);
  client.base = started.url;
  return started;
}

describe.concurrent("a drive that is killed with kill -9", () => {
  for (const [point, { act, left }] of Object.entries(scenarios)) {
    test(`at ${point} goes on as if nothing had happened`, async () => {
      // Where it is chunks that kill it, the first two are acknowledged by a process before.
      const isChunk = point.startsWith("chunk.");
      await using first = await startDrive(isChunk ? plain : faulty(point as FaultPoint));
      const scene = await halfAnUpload(first);
      if (isChunk) await first.kill();
      await using killed = isChunk ? await next(first, scene, faulty(point as FaultPoint)) : first;
      const acting = act(scene).catch(() => undefined);
      expect(await ending(killed)).toBe("SIGKILL");
      await acting;
      left(await readDataDir(killed.dataDir));

      await using drive = await next(killed, scene, plain);
      const isForm = act === byForm;
      if (isForm) await act(scene);
      await scene.upload.go();
      const { client } = scene;
      const form = isForm ? [{ client, name: "form.bin", bytes: content }] : [];
      await expectSettled(drive.dataDir, [...form, { client, name: "chunks.bin", bytes: content }]);
      expectCalm(drive.output());
    });
  }

  test("at merge.after-commit keeps no second copy of a content that it held", async () => {
    await using holding = await startDrive();
    const scene = await halfAnUpload(holding);
    const { client } = scene;
    await client.upload("held.bin", content);
    await untilDataDir(holding.dataDir, ({ blobs }) => blobs[0]?.state === "stored");
    await holding.kill();

    await using killed = await next(holding, scene, faulty("merge.after-commit"));
    const acting = scene.upload.go().catch(() => undefined);
    expect(await ending(killed)).toBe("SIGKILL");
    await acting;
    expect((await readDataDir(killed.dataDir)).spool).not.toEqual([]);

    await using drive = await next(killed, scene, plain);
    await scene.upload.go();
    const names = ["held.bin", "chunks.bin"];
    await expectSettled(
      drive.dataDir,
      names.map((name) => ({ client, name, bytes: content })),
    );
  });

  test("at purge.after-delete removes the rest of what was deleted, and no more", async () => {
    await using killed = await startDrive(faulty("purge.after-delete"));
    const scene = { client: await signUp(killed.url) };
    const { client } = scene;
    const gone = await client.upload("gone.bin", content);
    const kept = bytesOf(5000, "kept");
    await client.upload("kept.bin", kept);
    await untilDataDir(killed.dataDir, ({ blobs }) => blobs.every(({ state }) => state === "stored"));
    await client.fetch("/file/delete", { method: "POST", json: { id: gone.id } });
    expect(await ending(killed)).toBe("SIGKILL");
    const data = await readDataDir(killed.dataDir);
    expect(data.blobs.map(({ state }) => state).toSorted()).toEqual(["purging", "stored"]);
    expect(data.objects).toHaveLength(1);

    await using drive = await next(killed, scene, plain);
    await expectSettled(drive.dataDir, [{ client, name: "kept.bin", bytes: kept }]);
    // The same content again is a content like any other.
    await client.upload("gone.bin", content);
    await expectSettled(drive.dataDir, [
      { client, name: "kept.bin", bytes: kept },
      { client, name: "gone.bin", bytes: content },
    ]);
  });
});
