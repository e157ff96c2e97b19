import { startChild } from "./child.ts";
import type { DriveOptions } from "./drive.ts";

/** Workers in a process of their own, beside a gateway that runs with `WORKERS=none`. */
export interface Workers {
  pid: number;
  output: () => string;
  exited: Promise<number | string>;
  signal(signal: NodeJS.Signals): void;
  /** kill -9: they hold nothing that a kill could spoil, and one that is stopped hears no other. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** The workers that a drive needs. */
export const allWorkers = ["merge", "push", "purge", "sweep", "probe", "fetch", "copy"];

/** Starts workers on the data folder of a drive, as `npm run worker` does, and waits until they look for work. */
export async function startWorkers(options: DriveOptions & { dataDir: string }): Promise<Workers> {
  const { pid, output, exited, signal } = await startChild({
    program: options.program ?? "workers/main.ts",
    args: options.args ?? allWorkers,
    env: { ...options.env, DATA_DIR: options.dataDir },
    ready: /workers started/,
  });
  return {
    pid,
    output,
    exited,
    signal,
    [Symbol.asyncDispose]: async () => {
      signal("SIGKILL");
      await exited;
    },
  };
}
