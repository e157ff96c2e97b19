import { open } from "node:fs/promises";

import { syncFolder } from "../lifecycle/mod.ts";
import { openIfThere, openSpooled } from "./open_file.ts";
import type { SpoolPaths } from "./spool_paths.ts";

/**
 * Makes bytes, log and the folder's entries for both durable. A form upload has no log, which is fine.
 * @throws {AppError} `content-lost` when the bytes are not there.
 */
export async function syncFiles(root: string, paths: SpoolPaths, action: string): Promise<void> {
  await using data = await openSpooled(paths.data, "r", action);
  await using log = await openIfThere(open(paths.log, "r"));
  await Promise.all([data.datasync(), log?.datasync()]);
  await syncFolder(root);
}
