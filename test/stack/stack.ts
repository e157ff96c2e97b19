import { makeCertificate } from "./certificate.ts";
import { createControl } from "./control.ts";
import { endServers } from "./end_servers.ts";
import { ensureInstalled } from "./install.ts";
import { createParts, type Parts } from "./parts.ts";
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
export interface Stack extends StackUrls, Parts {
  /** The folder, absolute. */
  data: string;
  /** Ends, in order, what this start has started, under whatever pid it runs now; what it found running stays. */
  stop(): Promise<void>;
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
    await makeCertificate(site.dir);
    const daemons = await makeDaemons(site);
    const wanted = servers.map((server) => daemons[server]);
    const started = await startServers(createControl(site.dir, signal), wanted, log);
    const control = createControl(site.dir);
    const stop = () => withSite(site.dir, () => endServers(control, started));
    const parts = await createParts(control, Object.values(daemons).flat(), wanted.flat());
    return { ...(await stackUrls(site)), ...parts, data: site.dir, stop };
  });
}

/** Ends every daemon of a folder, whoever started it: first those of a cluster, then the servers that it stands on. */
export async function stopStack(dir: string): Promise<void> {
  await withSite(dir, async (site) => {
    const control = createControl(site.dir);
    const servers = Object.values(await makeDaemons(site));
    const known = new Set(servers.flat().map(({ name }) => name));
    const others = (await control.names()).filter((name) => !known.has(name));
    await endServers(
      control,
      others.map((name) => [{ name }]),
    );
    await endServers(control, servers);
  });
}
