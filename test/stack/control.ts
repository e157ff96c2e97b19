import type { Daemon } from "./daemon.ts";
import { isFree } from "./ports.ts";
import { createProcesses, type Processes } from "./processes.ts";
import { waitUntil } from "./wait_until.ts";

/** Starts the daemons of one folder and waits for them; {@link Processes} ends them. */
export interface Control extends Processes {
  /**
   * Starts a daemon if it does not run, and waits until it works and is set up.
   *
   * @returns its pid.
   * @throws {Error} with the last lines of its log, when it ends or does not answer in time; and at once when another
   * program listens on its port.
   */
  start(daemon: Daemon): Promise<number>;
  /** Waits until a daemon that runs works; throws as `start` does. */
  wait(daemon: Daemon): Promise<void>;
}

/** @param stopping Once it fires, nothing is started or waited for any more. */
export function createControl(dir: string, stopping?: AbortSignal): Control {
  const processes = createProcesses(dir);

  const wait = async ({ name, check, readyMs = 120_000 }: Daemon) => {
    const stillWorthIt = async () => {
      stopping?.throwIfAborted();
      if ((await processes.pid(name)) === null) throw new Error("it does not run, or has just ended");
    };
    try {
      await stillWorthIt();
      await waitUntil(check, { timeoutMs: readyMs, stillWorthIt });
    } catch (error) {
      stopping?.throwIfAborted();
      throw new Error(`${name}: ${messages(error)}. Its log ends:\n${await processes.logTail(name)}`, { cause: error });
    }
  };

  const spawn = async (daemon: Daemon): Promise<number> => {
    await daemon.prepare();
    for (const port of daemon.ports) {
      if (!(await isFree(port))) throw new Error(`${daemon.name}: port ${port} of 127.0.0.1 is taken by another program`);
    }
    stopping?.throwIfAborted();
    return await processes.spawn(daemon);
  };

  const start = async (daemon: Daemon): Promise<number> => {
    const pid = (await processes.pid(daemon.name)) ?? (await spawn(daemon));
    await wait(daemon);
    await daemon.setUp?.();
    return pid;
  };
  return { ...processes, start, wait };
}

/** An error's text and its causes': the first says what was waited for, the last why it did not come. */
function messages(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message} (${messages(error.cause)})`;
}
