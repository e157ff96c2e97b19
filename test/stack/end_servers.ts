import type { Daemon } from "./daemon.ts";
import type { Processes } from "./processes.ts";
import { settleAll } from "./settle_all.ts";

/**
 * Ends servers side by side, each one's daemons from the last to the first. Those that do not run are passed over.
 *
 * @throws {AggregateError} when some could not be ended; all were tried.
 */
export async function endServers(processes: Processes, servers: Pick<Daemon, "name">[][]): Promise<void> {
  await settleAll(servers.map((daemons) => endServer(processes, daemons)));
}

async function endServer(processes: Processes, daemons: Pick<Daemon, "name">[]): Promise<void> {
  for (const { name } of daemons.toReversed()) await processes.end(name);
}
