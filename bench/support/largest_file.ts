import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

/** The path of the largest file below `folder`. @throws {Error} when there is none. */
export async function largestFile(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const sized = await Promise.all(paths.map(async (path) => ({ path, size: (await stat(path)).size })));
  const [largest] = sized.toSorted((a, b) => b.size - a.size);
  if (!largest) throw new Error(`${folder} holds no file`);
  return largest.path;
}
