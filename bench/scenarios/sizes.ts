import { mkdir } from "node:fs/promises";
import { join } from "node:path";

import { untilQuiet } from "../measure/until_quiet.ts";
import { size as sizeName } from "../render/units.ts";
import type { SizeFigure } from "../result/schema.ts";
import type { Bench, Outcome, Row, Scenario } from "../scenario.ts";
import { type Account, signUp } from "../support/account.ts";
import { startDrive } from "../support/drive.ts";
import { formOf } from "../support/form.ts";
import { startStatic } from "../support/front.ts";
import type { Outgoing } from "../support/job.ts";
import { makeFile } from "../support/make_file.ts";
import { type Sender, startSender } from "../support/sender.ts";
import { type Server, startServer } from "../support/server.ts";
import { spreadOf } from "../support/spread.ts";
import { uploadFile } from "../support/upload_file.ts";

const connections = 4;
const kib = 1024;
const sizes = [4 * kib, 64 * kib, kib ** 2, 16 * kib ** 2, 64 * kib ** 2];

/** How the size of a file bears on how fast it goes in and out. */
export const sizesScenario: Scenario = {
  name: "sizes",
  about: "files of 4 KiB to 64 MiB by form and by download over 4 connections, against a server that discards and nginx static",
  diskBytes: 8e9,
  run: async ({ folder, quick, log }: Bench): Promise<Outcome> => {
    await using sender = await startSender();
    await using drive = await startDrive(folder);
    await using discard = await startServer({ command: [process.execPath, "bench/peers/discard.ts"], folder, name: "discard" });
    const files = join(folder, "public");
    await mkdir(files);
    await using bare = await startStatic(folder, files);
    const account = await signUp(drive.url);
    const figures: SizeFigure[] = [];
    for (const bytes of quick ? sizes.slice(0, -1) : sizes) {
      log(`sizes ${sizeName(bytes)}`);
      const race = { sender, drive, bytes, rounds: quick ? 1 : 5, count: countOf(bytes, quick) };
      figures.push(await upload(race, account, discard), await download(race, bare, files));
    }
    return { rows: figures.map(rowOf), goals: [], sizes: figures };
  },
};

interface Race {
  sender: Sender;
  drive: Server;
  bytes: number;
  rounds: number;
  count: number;
}

/** As many as make some 64 MiB, or 16, within reason. */
function countOf(bytes: number, quick: boolean): number {
  const [total, most] = quick ? [16 * kib ** 2, 100] : [64 * kib ** 2, 400];
  return Math.min(most, Math.max(connections, Math.ceil(total / bytes)));
}

async function upload(race: Race, { headers }: Account, discard: Server): Promise<SizeFigure> {
  const form = (url: string) => formOf(`${url}/file/upload`, headers, race.bytes);
  const requests = (url: string) => Array.from({ length: race.count }, () => form(url));
  const own = () => requests(race.drive.url);
  // The file that the first of them makes is as large as what was sent; its hash the other scenarios check.
  const { answers } = await race.sender.run({ connections: 1, requests: [form(race.drive.url)] });
  const { size }: { size: number } = JSON.parse(answers[0]?.body ?? "{}");
  if (size !== race.bytes) throw new Error(`the form made a file of ${size} bytes, must be ${race.bytes}`);
  return await compete("upload by form", race, own, () => requests(discard.url));
}

async function download(race: Race, bare: Server, folder: string): Promise<SizeFigure> {
  const path = join(folder, String(race.bytes));
  await makeFile(path, race.bytes);
  const stored = await uploadFile(race.drive.url, path, true);
  const answer = await fetch(`${race.drive.url}${stored.path}`, { headers: stored.headers });
  const sent = await answer.bytes();
  if (sent.byteLength !== race.bytes || !Bun.deepEquals(sent, await Bun.file(path).bytes()))
    throw new Error(`a file of ${race.bytes} bytes is not what is downloaded`);
  const own = getsOf(race, `${race.drive.url}${stored.path}`, stored.headers);
  const floor = getsOf(race, `${bare.url}/${race.bytes}`, {});
  return await compete(
    "download",
    race,
    () => own,
    () => floor,
  );
}

function getsOf({ count }: Race, url: string, headers: Record<string, string>): Outgoing[] {
  return Array.from({ length: count }, () => ({ method: "GET", url, headers, body: [] }));
}

/** Both in turn, after one round to warm up. */
async function compete(what: string, race: Race, own: () => Outgoing[], floor: () => Outgoing[]): Promise<SizeFigure> {
  const { sender, drive, bytes, rounds } = race;
  const rates: [own: number[], floor: number[]] = [[], []];
  for (let round = 0; round <= rounds; round++) {
    for (const [i, requests] of [own(), floor()].entries()) {
      await untilQuiet(() => drive.usages(), 2000);
      const { seconds } = await sender.run({ connections, requests });
      if (round > 0) rates[i]?.push((requests.length * bytes) / 1e6 / seconds);
    }
  }
  return { what, bytes, megabytesPerSecond: spreadOf(rates[0]), floor: spreadOf(rates[1]) };
}

function rowOf({ what, bytes, megabytesPerSecond, floor }: SizeFigure): Row {
  return {
    what: `${what} of ${sizeName(bytes)}`,
    "MB/s": Number(megabytesPerSecond.median.toPrecision(3)),
    "floor MB/s": Number(floor.median.toPrecision(3)),
    "of floor": Number((megabytesPerSecond.median / floor.median).toFixed(2)),
  };
}
