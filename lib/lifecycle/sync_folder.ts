import { open } from "node:fs/promises";

/**
 * Makes the names in a folder survive a power cut (fsync(2): "Calling fsync() does not necessarily ensure that the
 * entry in the directory containing the file has also reached disk. For that an explicit fsync() on a file descriptor
 * for the directory is also needed.").
 */
export async function syncFolder(folder: string): Promise<void> {
  await using handle = await open(folder, "r");
  await handle.sync();
}
