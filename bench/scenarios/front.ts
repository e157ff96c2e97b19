import { link, mkdir } from "node:fs/promises";
import { join } from "node:path";

import type { Bench, Outcome, Scenario } from "../scenario.ts";
import { signUp } from "../support/account.ts";
import { startDrive } from "../support/drive.ts";
import { startFront, startStatic } from "../support/front.ts";
import { hotMemory } from "../support/hot_memory.ts";
import { largestFile } from "../support/largest_file.ts";
import { makeFile } from "../support/make_file.ts";
import { goalOf, type Raced, raced } from "../support/raced.ts";
import { startSender } from "../support/sender.ts";
import { type Server, startServer } from "../support/server.ts";
import { discardedShape, type Shape, shapeName, uploadedShape } from "../support/shape.ts";
import { curlGet, type Transfer } from "../support/transfer.ts";
import { type UploadedFile, uploadFile } from "../support/upload_file.ts";

const fileBytes = (quick: boolean) => (quick ? 256 : 512) * 2 ** 20;
const shape: Shape = { connections: 4, chunkBytes: 8 * 2 ** 20, totalBytes: 256 * 2 ** 20 };

/** What nginx sends in a gateway's place, against nginx alone; and uploads through it, against what nothing keeps. */
export const front: Scenario = {
  name: "front",
  about:
    "512 MiB (256 in a quick run) downloaded by curl through the front, against nginx static; 256 MiB uploaded through it, against discarding behind nginx",
  diskBytes: 4e9,
  run: async ({ folder, quick }: Bench): Promise<Outcome> => {
    const env = { TRUSTED_PROXIES: "127.0.0.1" };
    await using disk = await startDrive(folder, { ...env, NODE_ID: "disk" }, "disk");
    await using spool = await startDrive(folder, { ...env, NODE_ID: "spool", WORKERS: "none" }, "spool");
    await using diskFront = await startFront(folder, [disk], { nodes: { disk: disk.dataDir } });
    await using spoolFront = await startFront(folder, [spool], { nodes: { spool: spool.dataDir } });
    const bytes = fileBytes(quick);
    const path = join(folder, "file.bin");
    await makeFile(path, bytes);
    const stored = await uploadFile(disk.url, path, true);
    const spooled = await uploadFile(spool.url, path, false);
    // The very same files: how one came into the page cache is a tenth of how fast it is sent.
    const root = join(folder, "public");
    await mkdir(root);
    await link(await largestFile(join(disk.dataDir, "store")), join(root, "stored"));
    await link(await largestFile(join(spool.dataDir, "spool")), join(root, "spooled"));
    await using bare = await startStatic(folder, root);
    const get = ({ url }: Server, { path, headers }: Pick<UploadedFile, "path" | "headers">) =>
      curlGet(url + path, bytes, headers);
    const rounds = quick ? 3 : 25;
    const ofStored = await raced(
      [
        { name: "a stored file: nginx static", run: () => curlGet(`${bare.url}/stored`, bytes) },
        { name: "a stored file through the front", run: () => get(diskFront, stored) },
        { name: "a stored file, from the gateway itself", run: () => get(disk, stored) },
      ],
      bytes,
      rounds,
    );
    const ofSpooled = await raced(
      [
        { name: "a spooled file: nginx static", run: () => curlGet(`${bare.url}/spooled`, bytes) },
        { name: "a spooled file through the front", run: () => get(spoolFront, spooled) },
      ],
      bytes,
      rounds,
    );
    const uploads = await racedUploads(folder, diskFront, quick ? 5 : 15);
    return {
      rows: [...ofStored.rows, ...ofSpooled.rows, ...uploads.rows],
      goals: [
        goalOf("a stored file of nginx static", ofStored, 0.95),
        goalOf("a spooled file of nginx static", ofSpooled, 0.95),
        goalOf("upload through nginx of discarding behind it", uploads, 0.8),
      ],
    };
  },
};

async function racedUploads(folder: string, front: Server, rounds: number): Promise<Raced> {
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
  return await raced(ways, shape.totalBytes, rounds);
}
