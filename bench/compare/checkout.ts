import { symlink } from "node:fs/promises";
import { join } from "node:path";

const ownRoot = join(import.meta.dir, "../..");

/** The code of a commit in a folder of its own, ready to run. */
export interface Checkout extends AsyncDisposable {
  path: string;
}

/**
 * Checks a git ref of `root` out into `path`, as a worktree. Packages are those of `root` where the lock file is the same, else they
 * are installed.
 *
 * @throws {Error} with git's words when there is no such ref.
 */
export async function checkout(ref: string, path: string, root = ownRoot): Promise<Checkout> {
  // What begins with a dash would be an option.
  const commit = (await run(["git", "rev-parse", "--verify", "--quiet", "--end-of-options", `${ref}^{commit}`], root)).trim();
  await run(["git", "worktree", "add", "--detach", path, commit], root);
  const dispose = async () => void (await run(["git", "worktree", "remove", "--force", path], root));
  try {
    await addPackages(path, root);
    return { path, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

async function addPackages(path: string, root: string): Promise<void> {
  if ((await lockOf(path)) === (await lockOf(root))) await symlink(join(root, "node_modules"), join(path, "node_modules"));
  else await run(["npm", "ci", "--no-audit", "--no-fund"], path);
}

function lockOf(folder: string): Promise<string> {
  return Bun.file(join(folder, "package-lock.json")).text();
}

async function run(command: string[], cwd: string): Promise<string> {
  const child = Bun.spawn(command, { cwd, stdio: ["ignore", "pipe", "pipe"] });
  const [out, err, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  if (code !== 0) throw new Error(`${command.join(" ")} ended with ${code}: ${err}${out}`);
  return out;
}
