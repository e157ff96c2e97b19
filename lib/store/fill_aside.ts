import { link } from "node:fs/promises";

import { systemCode } from "../errors/mod.ts";
import { copyVerified } from "./copy_verified.ts";
import { openSource } from "./open_source.ts";
import type { PutSource } from "./port.ts";

/** What link(2) answers where only copying helps: another filesystem, one without hard links, or too many of them. */
const unlinkable = new Set(["EXDEV", "EPERM", "EMLINK", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"]);

/**
 * Gives the bytes of `source` a second name, `target`, on the store's disk: a hard link where that can be, which costs
 * the same for any size and needs no check (it *is* the verified file), else a verified copy.
 *
 * @throws {AppError} `content-lost` when the source is gone, `checksum-mismatch` when it is not what it is said to be.
 */
export async function fillAside(source: PutSource, target: string, signal: AbortSignal): Promise<void> {
  await syncSource(source);
  try {
    await link(source.path, target);
  } catch (error) {
    if (!unlinkable.has(systemCode(error) ?? "")) throw error;
    await copyVerified(source, target, signal);
  }
}

/** The object must survive a power cut whoever wrote the source; syncing what is clean costs one flush. */
async function syncSource(source: PutSource): Promise<void> {
  await using file = await openSource(source);
  await file.datasync();
}
