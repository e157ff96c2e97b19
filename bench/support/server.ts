import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { type Usage, usageOf } from "./usage.ts";

/** A server under measurement, in a process of its own. */
export interface Server extends AsyncDisposable {
  url: string;
  /** Of all its processes together. */
  usage(): Promise<Usage>;
  /** Of each, by a name. */
  usages(): Promise<Record<string, Usage>>;
}

export interface ServerOptions {
  /** Program and arguments, from the checkout's root. It says `listens on URL` once it does. */
  command: string[];
  env?: Record<string, string>;
  /** A folder for its log. */
  folder: string;
  name: string;
  /** Another checkout than this one, to run the program of. */
  root?: string | undefined;
}

const ownRoot = join(import.meta.dir, "../..");
const startMs = 20_000;

/**
 * Starts a server and waits until it listens. Its output goes to a file, as a service's does: nobody's core is spent on
 * reading it.
 */
export async function startServer({ command, env, folder, name, root = ownRoot }: ServerOptions): Promise<Server> {
  const log = join(folder, `${name}.log`);
  // What a server before it of that name said is not taken for its own.
  await Promise.all([Bun.write(log, ""), Bun.write(`${log}.err`, "")]);
  const child = Bun.spawn(command, {
    cwd: root,
    env: { PATH: process.env["PATH"] ?? "", ...env },
    stdio: ["ignore", Bun.file(log), Bun.file(`${log}.err`)],
  });
  const stop = async () => {
    child.kill();
    await child.exited;
  };
  try {
    const url = await listening(log, () => child.exitCode === null);
    const usage = () => usageOf(child.pid);
    return { url, usage, usages: async () => ({ [name]: await usage() }), [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw new Error(`${name} did not start:\n${await textOf(log)}${await textOf(`${log}.err`)}`, { cause: error });
  }
}

async function listening(log: string, isAlive: () => boolean): Promise<string> {
  const end = performance.now() + startMs;
  while (isAlive() && performance.now() < end) {
    const url = /listens on (http:\/\/\S+)/.exec(await textOf(log))?.[1];
    if (url !== undefined) return url;
    await Bun.sleep(20);
  }
  throw new Error("it ended, or said nothing in time");
}

async function textOf(path: string): Promise<string> {
  return await readFile(path, "utf8");
}
