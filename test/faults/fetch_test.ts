import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import type { FaultPoint } from "#lib/lifecycle/mod.ts";

import { ending } from "../support/child.ts";
import { bytesOf, type Client, signUp, until } from "../support/client.ts";
import { readDataDir } from "../support/data_dir.ts";
import { type Drive, startDrive } from "../support/drive.ts";
import { expectCalm } from "../support/expect_problem.ts";
import { expectSettled } from "../support/settled.ts";
import { file, type Source, type SourceAnswer, startSource } from "../support/source_server.ts";
import { allWorkers, startWorkers } from "../support/workers.ts";

setDefaultTimeout(300_000);

const content = bytesOf(4_500_000, "fetch fault");
const chunkBytes = 2 ** 20;

let source: Source;
beforeAll(async () => {
  source = await startSource();
});
afterAll(async () => await source[Symbol.asyncDispose]());

const env = () => ({ OFFLINE_ALLOW: "127.0.0.1", OFFLINE_PORTS: String(source.port) });
const faulty = (...args: string[]) => ({ program: "test/support/faulty_drive.ts", args });
const plain = { program: "gateway/main.ts", args: [] };

/** Has a new path fetched. @returns the ranges asked for, so far. */
async function fetchFile(client: Client, answer: SourceAnswer): Promise<() => string[]> {
  const path = `/${crypto.randomUUID()}`;
  const url = source.serve(path, answer);
  await client.json(202, "/file/offline", { method: "POST", json: { url, name: "a.bin" } });
  return () => source.requests.filter((request) => request.path === path).map(({ headers }) => headers["range"] ?? "all");
}

const points: [FaultPoint, state: string, ranges: string[]][] = [
  ["fetch.after-chunk", "fetching", ["all", `bytes=${chunkBytes}-`]],
  ["fetch.before-close", "fetching", ["all"]],
  ["fetch.after-close", "verifying", ["all"]],
];

describe.concurrent("an offline download", () => {
  for (const [point, state, ranges] of points) {
    test(`of a drive that is killed at ${point} goes on where it was`, async () => {
      await using killed = await startDrive({ env: env(), ...faulty(point) });
      const client = await signUp(killed.url);
      const asked = await fetchFile(client, file(content));
      expect(await ending(killed)).toBe("SIGKILL");
      expect((await readDataDir(killed.dataDir)).uploads.map((upload) => upload.state)).toEqual([state]);

      await using drive = await killed.restart({ PORT: "0" }, plain);
      client.base = drive.url;
      await expectSettled(drive.dataDir, [{ client, name: "a.bin", bytes: content }]);
      expect(asked()).toEqual(ranges);
      expectCalm(drive.output());
    });

    test(`of workers that are killed at ${point} is taken over`, async () => {
      await using drive = await startDrive({ env: { ...env(), WORKERS: "none" } });
      const client = await signUp(drive.url);
      const { dataDir } = drive;
      await using killed = await startWorkers({ dataDir, env: env(), ...faulty(point, "SIGKILL", ...allWorkers) });
      const asked = await fetchFile(client, file(content));
      expect(await ending(killed)).toBe("SIGKILL");

      await using workers = await startWorkers({ dataDir, env: env() });
      await expectSettled(dataDir, [{ client, name: "a.bin", bytes: content }]);
      expect(asked()).toEqual(ranges);
      expectCalm(workers.output() + drive.output());
    });
  }

  test("of workers that stood still while others took over, and while the file changed, is the new file, whole", async () => {
    await using drive = await startDrive({ env: { ...env(), WORKERS: "none" } });
    const client = await signUp(drive.url);
    const { dataDir } = drive;
    await using frozen = await startWorkers({ dataDir, env: env(), ...faulty("fetch.after-chunk", "SIGSTOP", ...allWorkers) });
    const changed = bytesOf(5_500_000, "changed");
    const [before, after] = [file(content), file(changed, { etag: '"v2"', pauseMs: 10 })];
    const asked = await fetchFile(client, (request) => (request.earlier === 0 ? before(request) : after(request)));
    await until(async () => /\) T /.test(await Bun.file(`/proc/${frozen.pid}/stat`).text()), Boolean);

    await using workers = await startWorkers({ dataDir, env: env() });
    await until(
      async () => asked().length,
      (length) => length > 1,
    );
    frozen.signal("SIGCONT");
    await expectSettled(dataDir, [{ client, name: "a.bin", bytes: changed }]);
    expectCalm(workers.output() + drive.output() + frozen.output());
  });

  test("is put aside by a stop, at once, and gone on with by the next start", async () => {
    await using stopped = await startDrive({ env: env() });
    const client = await signUp(stopped.url);
    const asked = await fetchFile(client, file(content, { pauseMs: 40 }));
    await until(
      () => spooledBytes(stopped),
      (bytes) => bytes > chunkBytes,
    );
    expect(await stopped.stop()).toBe(0);
    const [row] = (await readDataDir(stopped.dataDir)).uploads;
    expect({ state: row?.state, owner: row?.lease_owner }).toEqual({ state: "fetching", owner: null });

    await using drive = await stopped.restart({ PORT: "0" });
    client.base = drive.url;
    await expectSettled(drive.dataDir, [{ client, name: "a.bin", bytes: content }]);
    expect(asked()).toHaveLength(2);
    expect(asked()[1]).toMatch(/^bytes=[1-9]\d*-$/);
    expectCalm(stopped.output() + drive.output());
  });
});

async function spooledBytes({ dataDir }: Drive): Promise<number> {
  const [name] = (await readDataDir(dataDir)).spool;
  return name === undefined ? 0 : Bun.file(`${dataDir}/spool/${name}`).size;
}
