import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { startChild } from "./child.ts";

/** A drive in a process of its own, as `npm start` runs it, on a free port and a folder of its own. */
export interface Drive {
  url: string;
  dataDir: string;
  pid: number;
  /** What the process wrote to stdout and stderr so far. */
  output: () => string;
  /** Resolves with the exit code (or signal) once the process has ended. */
  exited: Promise<number | string>;
  /** SIGTERM, and waits until it has ended. */
  stop(): Promise<number | string>;
  /** kill -9, and waits until it has ended. */
  kill(): Promise<void>;
  /**
   * Starts a new process on the same folder, after the old one has ended: on the same port unless `env` says
   * otherwise, and with the same program unless another is given.
   */
  restart(env?: Record<string, string>, other?: Pick<DriveOptions, "program" | "args">): Promise<Drive>;
  /** Stops and removes the folder. */
  [Symbol.asyncDispose](): Promise<void>;
}

export interface DriveOptions {
  env?: Record<string, string>;
  /** The program: `gateway/main.ts`, or one of the tests' own that hands in a fault. */
  program?: string;
  args?: string[];
  /** Where its data lies; a new temporary folder by default. */
  dataDir?: string;
}

/**
 * Starts a drive and waits until it listens.
 *
 * @throws {Error} with what it wrote, when it ends before that.
 */
export async function startDrive(options: DriveOptions = {}): Promise<Drive> {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), "sluice-")));
  const child = await startChild({
    program: options.program ?? "gateway/main.ts",
    args: options.args ?? [],
    env: { ...options.env, DATA_DIR: dataDir },
    ready: /listens on (http:\/\/\S+)/,
  });
  const url = child.ready[1] ?? "";
  const end = async (signal: "SIGTERM" | "SIGKILL") => {
    child.signal(signal);
    return await child.exited;
  };
  return {
    url,
    dataDir,
    pid: child.pid,
    output: child.output,
    exited: child.exited,
    stop: () => end("SIGTERM"),
    kill: async () => void (await end("SIGKILL")),
    restart: async (env, other) => {
      await child.exited;
      return await startDrive({ ...options, ...other, dataDir, env: { ...options.env, PORT: new URL(url).port, ...env } });
    },
    [Symbol.asyncDispose]: async () => {
      await end("SIGTERM");
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
