import { afterAll, beforeAll, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readlink, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { checkout } from "./checkout.ts";

let folder: string;
let root: string;

function git(...args: string[]): string {
  const who = ["-c", "user.name=bench", "-c", "user.email=bench@example.invalid"];
  const { success, stdout, stderr } = Bun.spawnSync(["git", ...who, ...args], { cwd: root });
  if (!success) throw new Error(stderr.toString());
  return stdout.toString();
}

async function commit(text: string, tag: string): Promise<void> {
  await Bun.write(join(root, "file.txt"), text);
  git("add", "package-lock.json", "file.txt");
  git("commit", "-qm", text);
  git("tag", tag);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-checkout-"));
  root = join(folder, "root");
  await mkdir(join(root, "node_modules"), { recursive: true });
  git("init", "-q");
  await Bun.write(join(root, "package-lock.json"), "{}");
  await commit("old", "a");
  await commit("new", "b");
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

test("has the code of its commit and the packages of the same lock file, and goes without a trace", async () => {
  const path = join(folder, "old");
  {
    await using code = await checkout("a", path, root);
    expect(code.path).toBe(path);
    expect(await Bun.file(join(path, "file.txt")).text()).toBe("old");
    expect(await readlink(join(path, "node_modules"))).toBe(join(root, "node_modules"));
  }
  expect(existsSync(path)).toBe(false);
  expect(existsSync(join(root, "node_modules"))).toBe(true);
  expect(git("worktree", "list").trim().split("\n")).toHaveLength(1);
});

test.each(["nowhere", "--help", "HEAD:file.txt"])("refuses %s, which is no commit", async (ref) => {
  await expect(checkout(ref, join(folder, "none"), root)).rejects.toThrow("rev-parse");
  expect(existsSync(join(folder, "none"))).toBe(false);
});

test("takes its worktree back when its packages cannot be had", async () => {
  await rm(join(root, "package-lock.json"));
  git("rm", "-q", "--cached", "package-lock.json");
  git("commit", "-qm", "no lock file");
  await expect(checkout("HEAD", join(folder, "c"), root)).rejects.toThrow();
  expect(git("worktree", "list").trim().split("\n")).toHaveLength(1);
});
