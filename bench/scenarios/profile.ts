import { mkdir } from "node:fs/promises";
import { join } from "node:path";

import type { Bench, Outcome, Row, Scenario } from "../scenario.ts";
import { type Account, type FileJson, signUp } from "../support/account.ts";
import { storedFile } from "../support/chunked.ts";
import { layersOf } from "../support/profiled.ts";
import { rateOf } from "../support/rate.ts";
import { startServer } from "../support/server.ts";

/** Where a gateway's time goes, for each kind of request. */
export const profile: Scenario = {
  name: "profile",
  onlyByName: true,
  about:
    "a sampled profile of a gateway under 16 requests of one kind at once: shares of its busy time on the event loop, by layer",
  diskBytes: 4e9,
  run: async ({ folder, quick }: Bench): Promise<Outcome> => {
    const rows: Row[] = [];
    for (const [i, kind] of kinds.entries()) rows.push(await profileOf(kind, join(folder, String(i)), quick ? 2 : 8));
    return { rows, goals: [] };
  },
};

const inFlight = 16;

interface Scene {
  account: Account;
  file: FileJson;
  name: string;
}

interface Kind {
  name: string;
  prepare: (scene: Scene) => Promise<(i: number) => Promise<unknown>>;
}

const chunk = new Uint8Array(256 * 1024);

const kinds: Kind[] = [
  {
    name: "query by id",
    prepare:
      async ({ account, file }) =>
      () =>
        account.json(200, "GET", `/file/query?id=${file.id}`),
  },
  {
    name: "list",
    prepare:
      async ({ account }) =>
      () =>
        account.json(200, "GET", "/file/query?limit=100"),
  },
  {
    name: "own counts",
    prepare:
      async ({ account, name }) =>
      () =>
        account.json(200, "GET", `/user/${name}`),
  },
  {
    name: "fastupload by the holder",
    prepare:
      async ({ account, file: { sha1, size } }) =>
      () =>
        account.json(201, "POST", "/file/fastupload", { sha1, size, name: crypto.randomUUID() }),
  },
  {
    name: "mpupload/init",
    prepare:
      async ({ account }) =>
      () =>
        account.json(201, "POST", "/file/mpupload/init", { name: "a", size: 1000 }),
  },
  {
    name: "mpupload/status",
    prepare: async ({ account }) => {
      const id = await open(account);
      return () => account.json(200, "GET", `/file/mpupload/status?uploadid=${id}`);
    },
  },
  {
    name: "mpupload/uppart, 256 KiB",
    prepare: async ({ account }) => {
      const ids = await Promise.all(Array.from({ length: inFlight }, () => open(account)));
      return (i) => sendChunk(account, ids[i % inFlight] ?? "", 1 + (Math.floor(i / inFlight) % chunksOfEach));
    },
  },
  {
    name: "sign in",
    prepare:
      async ({ account, name }) =>
      () =>
        account.json(200, "POST", `/user/${name}`, { password: "correct horse" }),
  },
];

const chunksOfEach = 4000;

async function open(account: Account): Promise<string> {
  const body = { name: "a", size: chunksOfEach * chunk.byteLength, chunkSize: chunk.byteLength };
  return (await account.json<{ uploadId: string }>(201, "POST", "/file/mpupload/init", body)).uploadId;
}

async function sendChunk({ url, headers }: Account, id: string, index: number): Promise<void> {
  const path = `/file/mpupload/uppart?uploadid=${id}&index=${index}`;
  const answer = await fetch(url + path, { method: "PUT", headers, body: chunk });
  if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
  await answer.arrayBuffer();
}

async function profileOf({ name, prepare }: Kind, folder: string, seconds: number): Promise<Row> {
  await mkdir(folder, { recursive: true });
  const command = [process.execPath, "--cpu-prof", "--cpu-prof-interval=200", `--cpu-prof-dir=${folder}`, "gateway/main.ts"];
  const env = { HOST: "127.0.0.1", PORT: "0", DATA_DIR: join(folder, "data") };
  let [perSecond, begin] = [0, 0];
  {
    await using server = await startServer({ command, env, folder, name: "drive" });
    const run = await prepare(await sceneOf(server.url));
    begin = performance.now();
    perSecond = await rateOf(inFlight, seconds, { run });
  }
  const layers = await layersOf(folder, performance.now() - begin);
  const told = [...layers].filter(([, share]) => share >= 0.02).map(([layer, share]) => `${layer} ${Math.round(share * 100)} %`);
  return { request: name, "a second": Math.round(perSecond), "busy time": told.join(", ") };
}

async function sceneOf(url: string): Promise<Scene> {
  const account = await signUp(url);
  const form = new FormData();
  for (let i = 0; i < 100; i++) form.append("file", new Blob([`hello ${i}`]), `hello ${i}.txt`);
  const answer = await fetch(`${url}/file/upload`, { method: "POST", headers: account.headers, body: form });
  const made: FileJson[] = JSON.parse(await answer.text());
  // All of them, or the profile would show the workers.
  const [file] = await Promise.all(made.map(({ id }) => storedFile(account, id)));
  if (!file) throw new Error("nothing was uploaded");
  const [, payload = ""] = account.headers.authorization.split(".");
  const { name }: { name: string } = JSON.parse(Buffer.from(payload, "base64url").toString());
  return { account, file, name };
}
