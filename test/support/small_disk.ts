import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A disk of a few megabytes, in memory, that can be filled. */
export interface SmallDisk extends AsyncDisposable {
  path: string;
  /** Takes all of its room but `left` bytes. */
  fill(left?: number): Promise<void>;
  /** Gives back what {@link SmallDisk.fill} took. */
  free(): Promise<void>;
}

/** Whether this process may mount one (root on Linux). */
export const canMount = process.platform === "linux" && process.getuid?.() === 0;

/** Mounts a disk of `bytes`. */
export async function mountSmallDisk(bytes: number): Promise<SmallDisk> {
  const path = await mkdtemp(join(tmpdir(), "sluice-disk-"));
  await run("mount", "-t", "tmpfs", "-o", `size=${bytes}`, "tmpfs", path);
  const ballast = join(path, "ballast");
  return {
    path,
    async fill(left = 0) {
      await using file = await open(ballast, "a");
      await writeUntilFull(file);
      const { size } = await file.stat();
      await file.truncate(size - left);
    },
    free: () => rm(ballast, { force: true }),
    async [Symbol.asyncDispose]() {
      await run("umount", path);
      await rm(path, { recursive: true });
    },
  };
}

async function writeUntilFull(file: { write(bytes: Uint8Array): Promise<unknown> }): Promise<void> {
  for (const piece of [new Uint8Array(64 * 1024), new Uint8Array(4096)]) {
    try {
      for (;;) await file.write(piece);
    } catch (error) {
      if (!String(error).includes("ENOSPC")) throw error;
    }
  }
}

async function run(...command: string[]): Promise<void> {
  const child = Bun.spawn(command, { stdout: "ignore", stderr: "pipe" });
  const said = await child.stderr.text();
  if ((await child.exited) !== 0) throw new Error(`${command.join(" ")}: ${said}`);
}
