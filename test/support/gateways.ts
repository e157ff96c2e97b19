import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type Client, sameUser, signUp } from "./client.ts";
import { type Drive, startDrive } from "./drive.ts";

/** Several gateways that are one drive: known by their URLs, each with a spool of its own. */
export interface Gateways extends AsyncDisposable {
  /** In the order in which they were started; replace one that is restarted. */
  drives: Drive[];
  /** A new user, as a client of each gateway. */
  signUp(): Promise<Client[]>;
}

/**
 * Starts gateways, each in a process and a data folder of its own, that share their rows, their store and their keys.
 *
 * The rows are one SQLite file, linked into each data folder: SQLite follows the link, and lets any number of processes of
 * one machine write. In production they are MySQL's.
 *
 * @param env of all of them.
 * @param own what one has beside that, by its place.
 */
export async function startGateways(
  count: number,
  env: Record<string, string> = {},
  own: Record<string, string>[] = [],
): Promise<Gateways> {
  await using stack = new AsyncDisposableStack();
  const folder = stack.adopt(await mkdtemp(join(tmpdir(), "sluice-gateways-")), (path) => rm(path, { recursive: true }));
  await writeFile(join(folder, "catalog.sqlite"), "");
  const shared = {
    STORE_URL: `file://${join(folder, "store")}`,
    TOKEN_KEYS: `test:${randomBytes(32).toString("base64url")}`,
  };
  const drives: Drive[] = [];
  stack.defer(async () => void (await Promise.all(drives.map((drive) => drive[Symbol.asyncDispose]()))));
  for (let i = 0; i < count; i++) {
    const dataDir = join(folder, `node-${i}`);
    await mkdir(dataDir);
    await symlink(join(folder, "catalog.sqlite"), join(dataDir, "catalog.sqlite"));
    drives.push(await startDrive({ dataDir, env: { ...shared, NODE_ID: `node-${i}`, ...env, ...own[i] } }));
  }
  const ending = stack.move();
  return {
    drives,
    signUp: async () => {
      const first = await signUp(drives[0]?.url ?? "");
      return drives.map(({ url }) => sameUser(first, url));
    },
    [Symbol.asyncDispose]: () => ending.disposeAsync(),
  };
}
