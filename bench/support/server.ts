import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { type Usage, usageOf } from "./usage.ts";

/** A server under measurement, in a process of its own. */
export interface Server extends AsyncDisposable {
  url: string;
  usage(): Promise<Usage>;
}

export interface ServerOptions {
  /** Program and arguments, from the checkout's root. It says `listens on URL` once it does. */
  command: string[];
  env?: Record<string, string>;
  /** A folder for its log. */
  folder: string;
  name: string;
}

const root = join(import.meta.dir, "../..");
const startMs = 20_000;

/**
 * Starts a server and waits until it listens. Its output goes to a file, as a service's does: nobody's core is spent on
 * reading it.
 */
export async function startServer({ command, env, folder, name }: ServerOptions): Promise<Server> {
  const log = join(folder, `${name}.log`);
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
    return { url, usage: () => usageOf(child.pid), [Symbol.asyncDispose]: stop };
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
