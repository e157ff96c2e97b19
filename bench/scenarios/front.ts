import { join } from "node:path";

import type { Bench, Outcome, Row, Scenario } from "../scenario.ts";
import { signUp } from "../support/account.ts";
import { startDrive } from "../support/drive.ts";
import { startFront, startStatic } from "../support/front.ts";
import { hotMemory } from "../support/hot_memory.ts";
import { makeFile } from "../support/make_file.ts";
import { median } from "../support/median.ts";
import { startSender } from "../support/sender.ts";
import { type Server, startServer } from "../support/server.ts";
import { discardedShape, type Shape, shapeName, uploadedShape } from "../support/shape.ts";
import { curlGet, race, speedRatio, type Transfer } from "../support/transfer.ts";
import { uploadFile } from "../support/upload_file.ts";

const bytes = 512 * 2 ** 20;
const shape: Shape = { connections: 4, chunkBytes: 8 * 2 ** 20, totalBytes: bytes / 2 };

/** What nginx sends in a gateway's place, against nginx alone; and uploads through it, against what nothing keeps. */
export const front: Scenario = {
  name: "front",
  about:
    "512 MiB downloaded by curl through the front, against nginx static; 256 MiB uploaded through it, against discarding behind nginx",
  diskBytes: 4e9,
  run: async ({ folder, quick }: Bench): Promise<Outcome> => {
    const env = { TRUSTED_PROXIES: "127.0.0.1" };
    await using disk = await startDrive(folder, { ...env, NODE_ID: "disk" }, "disk");
    await using spool = await startDrive(folder, { ...env, NODE_ID: "spool", WORKERS: "none" }, "spool");
    await using diskFront = await startFront(folder, [disk], { nodes: { disk: disk.dataDir } });
    await using spoolFront = await startFront(folder, [spool], { nodes: { spool: spool.dataDir } });
    const path = join(folder, "public", "file.bin");
    await makeFile(path, bytes);
    await using bare = await startStatic(folder, join(folder, "public"));
    const stored = await uploadFile(disk.url, path, true);
    const spooled = await uploadFile(spool.url, path, false);
    const transfers: Transfer[] = [
      { name: "nginx static", run: () => curlGet(`${bare.url}/file.bin`, bytes) },
      { name: "a stored file through the front", run: () => curlGet(diskFront.url + stored.path, bytes, stored.headers) },
      { name: "a spooled file through the front", run: () => curlGet(spoolFront.url + spooled.path, bytes, spooled.headers) },
      { name: "a stored file, from the gateway itself", run: () => curlGet(disk.url + stored.path, bytes, stored.headers) },
    ];
    const downloads = downloadOutcome(transfers, await race(transfers, quick ? 3 : 25));
    const uploads = await uploadOutcome(folder, diskFront, quick ? 5 : 15);
    return { rows: [...downloads.rows, ...uploads.rows], goals: [...downloads.goals, ...uploads.goals] };
  },
};

async function uploadOutcome(folder: string, front: Server, rounds: number): Promise<Outcome> {
  await using sender = await startSender();
  await using discard = await startServer({ command: [process.execPath, "bench/peers/discard.ts"], folder, name: "discard" });
  await using discardFront = await startFront(folder, [discard]);
  using memory = hotMemory(shape.totalBytes * 2);
  const hot = (transfer: Transfer): Transfer => ({
    name: transfer.name,
    run: async () => {
      memory.hold();
      memory.release();
      return await transfer.run();
    },
  });
  const ways = [
    hot(discardedShape(`${shapeName(shape)}: discarded behind nginx`, sender, discardFront.url, shape)),
    hot(uploadedShape(`${shapeName(shape)}: uploaded through the front`, sender, await signUp(front.url), shape)),
  ];
  const seconds = await race(ways, rounds);
  const ratio = speedRatio(seconds[1], seconds[0]);
  const rows = ways.map(({ name }, i): Row => {
    return {
      what: name,
      "MB/s": Math.round(shape.totalBytes / 1e6 / median(seconds[i] ?? [])),
      "of the limit": i === 0 ? 1 : ratio,
    };
  });
  return { rows, goals: [{ name: "upload through nginx of discarding behind it", value: ratio, unit: "×", atLeast: 0.8 }] };
}

function downloadOutcome(transfers: Transfer[], seconds: number[][]): Outcome {
  const [base, stored, spooled] = seconds;
  const rows = transfers.map(({ name }, i): Row => {
    const ratio = speedRatio(seconds[i], base);
    return { what: name, "MB/s": Math.round(bytes / 1e6 / Math.min(...(seconds[i] ?? []))), "of the limit": ratio };
  });
  return {
    rows,
    goals: [
      { name: "a stored file of nginx static", value: speedRatio(stored, base), unit: "×", atLeast: 0.95 },
      { name: "a spooled file of nginx static", value: speedRatio(spooled, base), unit: "×", atLeast: 0.95 },
    ],
  };
}
