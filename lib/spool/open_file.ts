import { type FileHandle, open } from "node:fs/promises";

import { AppError, systemCode } from "../errors/mod.ts";

/** What `opening` opens; `null` when there is no such file. Any other error is thrown as it is. */
export async function openIfThere<T>(opening: Promise<T>): Promise<T | null> {
  try {
    return await opening;
  } catch (error) {
    if (systemCode(error) === "ENOENT") return null;
    throw error;
  }
}

/**
 * Opens a file of the spool that must be there.
 * @param action for the error's text, such as `chunk 3 of upload 01…`
 * @throws {AppError} `content-lost` when it is not.
 */
export async function openSpooled(path: string, flags: string | number, action: string): Promise<FileHandle> {
  return await mustBeThere(open(path, flags), action);
}

/**
 * What `opening` opens, which must be there.
 * @throws {AppError} `content-lost` when it is not.
 */
export async function mustBeThere<T>(opening: Promise<T>, action: string): Promise<T> {
  try {
    return await opening;
  } catch (cause) {
    if (systemCode(cause) !== "ENOENT") throw cause;
    throw new AppError("content-lost", `${action}: its file is not in this spool (any more)`, { cause });
  }
}
