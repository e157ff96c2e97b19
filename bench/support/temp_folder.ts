import { mkdtemp, rm, statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface TempFolder extends AsyncDisposable {
  path: string;
}

/** Makes a folder that goes with all that is in it. @throws {Error} when its disk has less than `bytes` free. */
export async function tempFolder(bytes: number): Promise<TempFolder> {
  const { bavail, bsize } = await statfs(tmpdir());
  const free = bavail * bsize;
  if (free < bytes) throw new Error(`${tmpdir()} has ${free} bytes free, needed are ${bytes}: set TMPDIR to a larger disk`);
  const path = await mkdtemp(join(tmpdir(), "sluice-bench-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
