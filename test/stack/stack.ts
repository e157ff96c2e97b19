import { type Control, createControl } from "./control.ts";
import type { Daemon } from "./daemon.ts";
import { endServers } from "./end_servers.ts";
import { ensureInstalled } from "./install.ts";
import { allServers, makeDaemons, type Server } from "./servers.ts";
import { startServers } from "./start_servers.ts";
import { stackUrls, type StackUrls } from "./urls.ts";
import { withSite } from "./with_site.ts";

export interface StackOptions {
  /** Everything is kept in it; made if need be. At most 80 bytes long. */
  dir: string;
  /** All by default. */
  servers?: readonly Server[];
  /** Whether Debian packages that are missing may be installed; by default only in CI. */
  install?: boolean;
  log: (line: string) => void;
  /** Once it fires, a start under way ends what it started, and rejects. */
  signal?: AbortSignal;
}

/** Real servers that work. Their daemons are `mysql`, `replica`, `redis`, `epmd`, `amqp`, `mon`, `osd` and `rgw`. */
export interface Stack extends StackUrls {
  /** Of the daemons that were started, found, or started again by this object, less those it killed. */
  readonly pids: Readonly<Record<string, number>>;
  /** The folder, absolute. */
  data: string;
  /** Ends, in order, what this start has started, under whatever pid it runs now; what it found running stays. */
  stop(): Promise<void>;
  /** kill -9 of one daemon, children included; resolves when it has ended. */
  kill(name: string): Promise<void>;
  /** Starts one daemon, if it does not run; resolves when it works. Its port and its data are what they were. */
  start(name: string): Promise<void>;
  /** Resolves when one daemon, which runs, works. */
  wait(name: string): Promise<void>;
}

/**
 * Starts real servers in one folder, on ports of 127.0.0.1 of its own, and waits until they work. What runs there already
 * is used as it is.
 *
 * @throws {Error} when a package is missing and may not be installed; and when a server does not start, after what was
 * started has been ended.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { dir, servers = allServers, install = process.env["CI"] !== undefined, log, signal } = options;
  await ensureInstalled(servers, { install, log });
  return await withSite(dir, async (site) => {
    const daemons = await makeDaemons(site);
    const wanted = servers.map((server) => daemons[server]);
    const started = await startServers(createControl(site.dir, signal), wanted, log);
    const control = createControl(site.dir);
    const stop = () => withSite(site.dir, () => endServers(control, started));
    const pids = await findPids(control, wanted.flat());
    const parts = createParts(control, Object.values(daemons).flat(), pids);
    return { ...(await stackUrls(site)), ...parts, data: site.dir, stop };
  });
}

/** Ends every daemon of a folder, whoever started it. */
export async function stopStack(dir: string): Promise<void> {
  await withSite(dir, async (site) => endServers(createControl(site.dir), Object.values(await makeDaemons(site))));
}

async function findPids(control: Control, daemons: Daemon[]): Promise<Record<string, number>> {
  const found = await Promise.all(daemons.map(async ({ name }) => [name, await control.pid(name)] as const));
  return Object.fromEntries(found.flatMap(([name, pid]) => (pid === null ? [] : [[name, pid]])));
}

type Parts = Pick<Stack, "pids" | "kill" | "start" | "wait">;

/** @throws {Error} from each function, when there is no daemon of that name. */
function createParts(control: Control, daemons: Daemon[], pids: Record<string, number>): Parts {
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
