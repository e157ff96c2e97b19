import { Database } from "bun:sqlite";
import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import type { FaultPoint } from "#lib/lifecycle/mod.ts";

import { ending } from "../support/child.ts";
import { type Client, hashOf, signUp, until } from "../support/client.ts";
import { hasMediaTools, makeClip, testPicture } from "../support/clips.ts";
import { ageSpool, ageUnfinished, untilDataDir } from "../support/data_dir.ts";
import { type Drive, startDrive } from "../support/drive.ts";
import { expectCalm } from "../support/expect_problem.ts";
import { freeze } from "../support/freeze.ts";
import { allWorkers, startWorkers } from "../support/workers.ts";

setDefaultTimeout(300_000);

const env = { WORKERS: "none" };
const plain = { program: "gateway/main.ts", args: [] };
const faulty = (...args: string[]) => ({ program: "test/support/faulty_drive.ts", args });

interface VideoRow {
  id: string;
  state: string;
  duration_ms: number | null;
  poster_key: string | null;
  lease_owner: string | null;
}

interface ProcessEntry {
  pid: number;
  command: string;
}

/** Uploads a clip and publishes it. @returns its id. */
async function publish(client: Client, clip: Uint8Array<ArrayBuffer>, title = "clip"): Promise<string> {
  const { id: fileId } = await client.upload(`${title}.mp4`, clip);
  const path = `/user/${client.username}/videos`;
  const { id } = await client.json<{ id: string }>(201, path, { method: "POST", json: { title, fileId } });
  return id;
}

function videosIn(dataDir: string): VideoRow[] {
  using catalog = new Database(join(dataDir, "catalog.sqlite"), { readonly: true });
  catalog.run("PRAGMA busy_timeout = 5000");
  return catalog.query<VideoRow, []>("SELECT id, state, duration_ms, poster_key, lease_owner FROM videos ORDER BY id").all();
}

/** Processes, dead ones excepted, that work on a file of a drive. */
async function toolsOn(dataDir: string): Promise<ProcessEntry[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  // The command line of one that is dead, or gone since, is empty.
  const read = async (pid: string) => await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
  const all = await Promise.all(pids.map(async (pid) => ({ pid: Number(pid), command: await read(pid) })));
  return all.filter(({ command }) => command.includes(`file:${dataDir}/`));
}

/** All videos are probed, with one poster each, and nothing else is there but the one content. */
async function expectProbed(client: Client, { dataDir }: Drive): Promise<void> {
  const isProbed = (row: VideoRow) => row.state === "ready" && row.lease_owner === null;
  const rows = await until(
    async () => videosIn(dataDir),
    (all) => all.every(isProbed),
  );
  expect(rows.map(({ duration_ms }) => duration_ms)).toEqual(rows.map(() => 3000));
  await untilDataDir(dataDir, ({ blobs }) => blobs.every(({ state }) => state === "stored"));
  // Of one that was killed, nobody can tell that it will not go on.
  await ageSpool(dataDir);
  await ageUnfinished(dataDir);
  const data = await untilDataDir(dataDir, ({ spool, unfinished }) => spool.length + unfinished.length === 0);
  expect(data.blobs).toHaveLength(1);
  expect(data.objects).toEqual(
    [...data.blobs, ...rows.map((row) => ({ key: row.poster_key }))].map(({ key }) => key ?? "").toSorted(),
  );
  for (const { id } of rows) {
    const poster = await client.fetch(`/videos/${id}/poster`);
    expect({ status: poster.status, type: poster.headers.get("content-type") }).toEqual({ status: 200, type: "image/jpeg" });
  }
  expect(await toolsOn(dataDir)).toEqual([]);
}

describe.skipIf(!hasMediaTools)("a probe", () => {
  let clip: Uint8Array<ArrayBuffer>;
  beforeAll(async () => {
    clip = await makeClip("mp4", ...testPicture(3, "1280x720"), "-c:v", "mpeg4");
  });

  const points: FaultPoint[] = ["probe.before-put", "probe.after-put", "probe.after-commit"];
  for (const point of points) {
    test(`of a drive that is killed at ${point} is made by the next start`, async () => {
      await using killed = await startDrive(faulty(point));
      const client = await signUp(killed.url);
      await publish(client, clip);
      expect(await ending(killed)).toBe("SIGKILL");
      expect(videosIn(killed.dataDir).map(({ state }) => state)).toEqual([point === "probe.after-commit" ? "ready" : "unprobed"]);

      await using drive = await killed.restart({ PORT: "0" }, plain);
      client.base = drive.url;
      await expectProbed(client, drive);
      expectCalm(drive.output());
    });

    test(`of workers that are killed at ${point} is made by others`, async () => {
      await using drive = await startDrive({ env });
      const client = await signUp(drive.url);
      const { dataDir } = drive;
      await using killed = await startWorkers({ dataDir, ...faulty(point, "SIGKILL", ...allWorkers) });
      await publish(client, clip);
      expect(await ending(killed)).toBe("SIGKILL");

      await using workers = await startWorkers({ dataDir });
      await expectProbed(client, drive);
      expectCalm(workers.output() + drive.output());
    });
  }

  test("of workers that are killed while a tool runs leaves no tool behind, and is made by others", async () => {
    await using drive = await startDrive({ env });
    const client = await signUp(drive.url);
    const { dataDir } = drive;
    await using killed = await startWorkers({ dataDir });
    // A tool is quick: another video for as long as none was caught at it.
    let caught: ProcessEntry | undefined;
    for (let i = 0; caught === undefined; i++) caught = await caughtAt(await publish(client, clip, `clip ${i}`), dataDir);
    killed.signal("SIGKILL");
    await killed.exited;
    // It stands still: by itself it would stay for ever.
    await until(
      () => toolsOn(dataDir),
      ({ length }) => length === 0,
    );

    await using workers = await startWorkers({ dataDir });
    await expectProbed(client, drive);
    expectCalm(workers.output() + drive.output());
  });

  test("of workers that stood still while the video was deleted leaves no poster behind", async () => {
    await using drive = await startDrive({ env });
    const client = await signUp(drive.url);
    const { dataDir } = drive;
    await using frozen = await startWorkers({ dataDir, ...faulty("probe.before-put", "SIGSTOP", ...allWorkers) });
    const id = await publish(client, clip);
    await until(async () => /\) T /.test(await Bun.file(`/proc/${frozen.pid}/stat`).text()), Boolean);
    expect((await client.fetch(`/user/${client.username}/videos/${id}`, { method: "DELETE" })).status).toBe(204);
    await using workers = await startWorkers({ dataDir });
    await until(
      async () => videosIn(dataDir),
      ({ length }) => length === 0,
    );

    frozen.signal("SIGCONT");
    await until(
      async () => frozen.output(),
      (output) => output.includes('"worker":"probe"'),
    );
    // It may have stood still in the middle of the push, too.
    const { blobs, objects } = await untilDataDir(dataDir, ({ spool }) => spool.length === 0);
    expect(objects).toEqual(blobs.map(({ key }) => key ?? ""));
    expect(blobs[0]?.sha256).toBe(hashOf("sha256", clip));
    expectCalm(workers.output() + drive.output() + frozen.output());
  });
});

/** Stops a tool while it looks at a video. @returns `undefined` when the video was probed before one was seen. */
async function caughtAt(videoId: string, dataDir: string): Promise<ProcessEntry | undefined> {
  while (videosIn(dataDir).some(({ id, state }) => id === videoId && state === "unprobed")) {
    for (const tool of (await toolsOn(dataDir)).filter(({ command }) => /^\S*\/ff(?:probe|mpeg)\0/.test(command))) {
      try {
        await freeze(tool.pid);
        return tool;
      } catch {
        // It had ended meanwhile.
      }
    }
  }
  return undefined;
}
