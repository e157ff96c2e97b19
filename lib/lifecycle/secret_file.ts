import { link, mkdir, open, rm } from "node:fs/promises";
import { dirname } from "node:path";

import { AppError, systemCode } from "../errors/mod.ts";
import { newId } from "../id/mod.ts";
import { syncFolder } from "./sync_folder.ts";

/**
 * The secret kept in a file that only its owner may read (mode 0600, set right if it is not), without surrounding white
 * space; a missing file is made with what `make` returns. Of several processes that make it at once, all get the same.
 * When this resolves, the secret survives a power cut.
 *
 * @throws {AppError} `unavailable` when the file is empty: a new secret would make all that the old one signed worthless,
 * so a person has to say so by removing it.
 */
export async function readOrMakeSecret(path: string, make: () => string): Promise<string> {
  const kept = await read(path);
  if (kept !== null) return kept;
  await makeAside(path, make());
  const made = await read(path);
  if (made === null) throw new AppError("unavailable", `the secret file ${path} was removed while it was made`);
  return made;
}

async function read(path: string): Promise<string | null> {
  await using file = await openIfThere(path);
  if (file === null) return null;
  const { mode } = await file.stat();
  if ((mode & 0o077) !== 0) await file.chmod(0o600);
  const secret = (await file.readFile("utf8")).trim();
  if (secret === "") throw new AppError("unavailable", `the secret file ${path} is empty; remove it to have a new one made`);
  return secret;
}

async function openIfThere(path: string) {
  try {
    return await open(path, "r");
  } catch (error) {
    if (systemCode(error) === "ENOENT") return null;
    throw error;
  }
}

/** Written aside, so that nobody reads a half, then linked: link(2) fails with EEXIST for all but the first. */
async function makeAside(path: string, secret: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const aside = `${path}.${newId()}`;
  try {
    await writeDurably(aside, `${secret}\n`);
    await link(aside, path);
  } catch (error) {
    if (systemCode(error) !== "EEXIST") throw error;
  } finally {
    await rm(aside, { force: true });
  }
  await syncFolder(dirname(path));
}

async function writeDurably(path: string, text: string): Promise<void> {
  await using file = await open(path, "wx", 0o600);
  await file.writeFile(text);
  await file.sync();
}
