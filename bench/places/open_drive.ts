import { mkdir } from "node:fs/promises";
import { join } from "node:path";

import type { Constant } from "../support/constant.ts";
import { startDrive } from "../support/drive.ts";
import { startFront } from "../support/front.ts";
import { honoBehindFront, honoFloor, nginxFloor, wideLimits } from "./floors.ts";
import type { Place, Places } from "./place.ts";

/** What keeps a single client from loading a drive, and users' tokens from ending in the middle. */
export const wideEnv = { STREAM_MAX: "60000", STREAM_MAX_PER_CLIENT: "60000", TOKEN_TTL: "1d", CHALLENGE_TTL: "1h" };

/** The embedded drive, asked directly (`drive`) and through nginx (`drive-front`). */
export async function openDrive(folder: string): Promise<Places> {
  await using stack = new AsyncDisposableStack();
  const drive = stack.use(await startDrive(folder, { ...wideEnv, TRUSTED_PROXIES: "127.0.0.1", NODE_ID: "n1" }));
  const front = stack.use(
    await startFront(folder, [drive], { nodes: { n1: drive.dataDir }, metricsAllow: ["127.0.0.1"], ...wideLimits }),
  );
  const database = join(folder, "floor-sqlite");
  await mkdir(database);
  const sqlite = `sqlite:${join(database, "floor.sqlite")}`;
  const shared = { roundTrips: { select: sqlite, insert: sqlite }, settleMs: 0, stays: false };
  const nginx = (constant: Constant) => nginxFloor(folder, constant);
  const places: Place[] = [
    {
      ...shared,
      name: "drive",
      about: "the embedded drive, directly",
      url: drive.url,
      usages: () => drive.usages(),
      floors: { hono: (constant) => honoFloor(folder, constant), nginx },
    },
    {
      ...shared,
      name: "drive-front",
      about: "the embedded drive through nginx",
      url: front.url,
      usages: () => front.usages(),
      floors: { hono: (constant) => honoBehindFront(folder, 1, constant), nginx },
    },
  ];
  const ending = stack.move();
  return { places, [Symbol.asyncDispose]: () => ending.disposeAsync() };
}
