import type { Bench, Outcome, Row, Scenario } from "../scenario.ts";
import { type Account, signUp } from "../support/account.ts";
import { type Drive, startDrive } from "../support/drive.ts";
import { median } from "../support/median.ts";
import { slopeOf } from "../support/slope.ts";

const chunk = new Uint8Array(256 * 1024);
/** Chunks of each upload: more than a round sends. */
const chunksOfEach = 1000;
const openCounts = [10, 100, 1000];

/** What many open uploads make of each request about one, and what hours would make of the memory. */
export const soak: Scenario = {
  name: "soak",
  onlyByName: true,
  about:
    "status and a chunk of 256 KiB among 10, 100 and 1,000 open uploads; then memory over 10 minutes of uploads (quick: 30 s)",
  diskBytes: 8e9,
  run: async ({ folder, quick }: Bench): Promise<Outcome> => {
    await using drive = await startDrive(folder);
    const account = await signUp(drive.url);
    const rows = await amongOpen(account);
    const megabytesPerHour = await soakFor(drive, account, quick ? 30 : 600);
    rows.push({ what: "memory, MB more in an hour at this pace", value: Math.round(megabytesPerHour) });
    return { rows, goals: [] };
  },
};

async function open(account: Account, size: number): Promise<string> {
  const body = { name: "soak.bin", size, chunkSize: chunk.byteLength };
  return (await account.json<{ uploadId: string }>(201, "POST", "/file/mpupload/init", body)).uploadId;
}

async function send({ url, headers }: Account, id: string, index: number): Promise<void> {
  const path = `/file/mpupload/uppart?uploadid=${id}&index=${index}`;
  const answer = await fetch(url + path, { method: "PUT", headers, body: chunk });
  if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
  await answer.arrayBuffer();
}

/** Requests one after the other, each about another upload, when so many are open. All are cancelled in the end. */
async function amongOpen(account: Account): Promise<Row[]> {
  const rows: Row[] = [];
  const ids: string[] = [];
  for (const count of openCounts) {
    // What is promised to them is reserved on the disk, so they are small.
    while (ids.length < count) ids.push(await open(account, 8 * chunk.byteLength));
    const some = ids.slice(-Math.min(count, 100));
    const status = await medianMs(some, (id) => account.json(200, "GET", `/file/mpupload/status?uploadid=${id}`));
    const part = await medianMs(some, (id) => send(account, id, 1 + (count % 8)));
    rows.push({ what: `${count} open: status, ms`, value: status.toFixed(2) });
    rows.push({ what: `${count} open: uppart, ms`, value: part.toFixed(2) });
  }
  for (const uploadId of ids) await account.json(204, "POST", "/file/mpupload/cancel", { uploadId });
  return rows;
}

async function medianMs(ids: string[], ask: (id: string) => Promise<unknown>): Promise<number> {
  const took: number[] = [];
  for (const id of [...ids, ...ids]) {
    const begin = performance.now();
    await ask(id);
    took.push(performance.now() - begin);
  }
  return median(took);
}

/** Four clients that upload, look and cancel. @returns bytes by which the gateway's memory grows, in MB an hour. */
async function soakFor(drive: Drive, account: Account, seconds: number): Promise<number> {
  const end = performance.now() + seconds * 1000;
  const samples: [seconds: number, megabytes: number][] = [];
  const client = async () => {
    while (performance.now() < end) {
      const uploadId = await open(account, chunksOfEach * chunk.byteLength);
      for (let index = 1; index <= 20; index++) await send(account, uploadId, index);
      await account.json(200, "GET", `/file/mpupload/status?uploadid=${uploadId}`);
      await account.json(200, "GET", "/file/query?limit=100");
      await account.json(204, "POST", "/file/mpupload/cancel", { uploadId });
    }
  };
  const watch = async () => {
    // What it takes until it is warm is no growth.
    await Bun.sleep((seconds * 1000) / 5);
    for (; performance.now() < end; await Bun.sleep(1000)) {
      samples.push([performance.now() / 1000, (await drive.usage()).rssBytes / 1e6]);
    }
  };
  await Promise.all([client(), client(), client(), client(), watch()]);
  return slopeOf(samples) * 3600;
}
