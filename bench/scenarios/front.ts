import { join } from "node:path";

import type { Bench, Outcome, Row, Scenario } from "../scenario.ts";
import { startDrive } from "../support/drive.ts";
import { startFront, startStatic } from "../support/front.ts";
import { makeFile } from "../support/make_file.ts";
import { curlGet, race, speedRatio, type Transfer } from "../support/transfer.ts";
import { uploadFile } from "../support/upload_file.ts";

const bytes = 512 * 2 ** 20;

/** What nginx sends in a gateway's place, against nginx alone. */
export const front: Scenario = {
  name: "front",
  about: "512 MiB downloaded by curl through the front, from the disk store and from the spool, against nginx static",
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
    return outcomeOf(transfers, await race(transfers, quick ? 3 : 9));
  },
};

function outcomeOf(transfers: Transfer[], seconds: number[][]): Outcome {
  const [base, stored, spooled] = seconds;
  const rows = transfers.map(({ name }, i): Row => {
    const ratio = speedRatio(seconds[i], base);
    return { download: name, "MB/s": Math.round(bytes / 1e6 / Math.min(...(seconds[i] ?? []))), "of static": ratio };
  });
  return {
    rows,
    goals: [
      { name: "a stored file of nginx static", value: speedRatio(stored, base), unit: "×", atLeast: 0.95 },
      { name: "a spooled file of nginx static", value: speedRatio(spooled, base), unit: "×", atLeast: 0.95 },
    ],
  };
}
