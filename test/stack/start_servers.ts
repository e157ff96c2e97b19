import type { Control } from "./control.ts";
import type { Daemon } from "./daemon.ts";
import { endServers } from "./end_servers.ts";
import { settleAll } from "./settle_all.ts";

/**
 * Starts servers side by side, each one's daemons one after the other.
 *
 * @returns the servers, less the daemons that ran before.
 * @throws {Error} that says of each server that failed why, after all that was started has been ended.
 */
export async function startServers(control: Control, servers: Daemon[][], log: (line: string) => void): Promise<Daemon[][]> {
  const idle = await Promise.all(servers.map((daemons) => notRunning(control, daemons)));
  try {
    await settleAll(servers.map((daemons, index) => startServer(control, daemons, { idle: idle[index] ?? [], log })));
  } catch (error) {
    await endServers(control, idle);
    throw error;
  }
  return idle;
}

interface StartOptions {
  idle: Daemon[];
  log: (line: string) => void;
}

async function startServer(control: Control, daemons: Daemon[], { idle, log }: StartOptions): Promise<void> {
  const from = performance.now();
  // All at once, for most of it is waiting for the disk; what is there by then takes no time when it is started.
  await Promise.all(idle.map((daemon) => daemon.prepare()));
  for (const daemon of daemons) {
    const pid = await control.start(daemon);
    const how = idle.includes(daemon) ? `works after ${((performance.now() - from) / 1000).toFixed(2)} s` : "runs already";
    log(`${daemon.name} (pid ${pid}) ${how}`);
  }
}

async function notRunning(control: Control, daemons: Daemon[]): Promise<Daemon[]> {
  const pids = await Promise.all(daemons.map(({ name }) => control.pid(name)));
  return daemons.filter((_, index) => pids[index] === null);
}
