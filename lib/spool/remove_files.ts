import { rm } from "node:fs/promises";

import type { SpoolPaths } from "./spool_paths.ts";

/** Removes log and bytes, in this order: no log line without its bytes. What is not there is fine. */
export async function removeFiles(paths: SpoolPaths): Promise<void> {
  await rm(paths.log, { force: true });
  await rm(paths.data, { force: true });
}
