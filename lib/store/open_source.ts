import { type FileHandle, open } from "node:fs/promises";

import { AppError, systemCode } from "../errors/mod.ts";
import type { PutSource } from "./port.ts";

/**
 * Opens the file of a put.
 *
 * @throws {AppError} `content-lost` when it is gone, `checksum-mismatch` when it has another size than it is said to have.
 */
export async function openSource(source: PutSource): Promise<FileHandle> {
  const file = await openFile(source.path);
  const { size } = await file.stat();
  if (size === source.size) return file;
  await file.close();
  throw new AppError("checksum-mismatch", `storing ${source.path}: it has ${size} bytes, must have ${source.size}`);
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, "r");
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
    throw new AppError("content-lost", `storing ${path}: there is no such file`, { cause: error });
  }
}
