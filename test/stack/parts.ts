import type { Control } from "./control.ts";
import type { Daemon } from "./daemon.ts";

/** The daemons of something that runs, by name. Each function throws when there is no daemon of that name. */
export interface Parts {
  /** Of the daemons that were started, found, or started again by this object, less those it killed. */
  readonly pids: Readonly<Record<string, number>>;
  /** kill -9 of one daemon, children included; resolves when it has ended. */
  kill(name: string): Promise<void>;
  /** Starts one daemon, if it does not run; resolves when it works. Its port and its data are what they were. */
  start(name: string): Promise<void>;
  /** Resolves when one daemon, which runs, works. */
  wait(name: string): Promise<void>;
}

/**
 * @param daemons all that can be named.
 * @param running those of them that run, if not all do: whose pids are known from the start.
 */
export async function createParts(control: Control, daemons: Daemon[], running: Daemon[] = daemons): Promise<Parts> {
  const pids = await findPids(control, running);
  const find = (name: string): Daemon => {
    const daemon = daemons.find((daemon) => daemon.name === name);
    if (!daemon) throw new Error(`there is no daemon ${name}, only ${daemons.map(({ name }) => name).join(", ")}`);
    return daemon;
  };
  return {
    pids,
    kill: async (name) => {
      await control.kill(find(name).name);
      delete pids[name];
    },
    start: async (name) => {
      pids[name] = await control.start(find(name));
    },
    wait: (name) => control.wait(find(name)),
  };
}

async function findPids(control: Control, daemons: Daemon[]): Promise<Record<string, number>> {
  const found = await Promise.all(daemons.map(async ({ name }) => [name, await control.pid(name)] as const));
  return Object.fromEntries(found.flatMap(([name, pid]) => (pid === null ? [] : [[name, pid]])));
}
