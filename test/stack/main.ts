// `npm run stack`: the whole cluster for a person: the real servers, two gateways with their workers, and nginx in front.
//
// `cluster`, and `up` for the servers alone, stay in the foreground until SIGTERM or Ctrl-C and then end what they started;
// `down` ends all that runs in the folder.
import { join } from "node:path";
import { parseArgs } from "node:util";

import { allServers, ensureInstalled, type Server, type Stack, stackStatus, startCluster, startStack, stopStack } from "./mod.ts";

const usage = `usage: npm run stack -- [--dir D] [--port P] [--gateways N] [--json] [--install]
       bun test/stack/main.ts cluster|up|down|status [--dir D] [--only mysql,redis,amqp,s3] [--json] [--install]`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    dir: { type: "string", default: join(import.meta.dir, "../../data/stack") },
    only: { type: "string" },
    port: { type: "string", default: "8080" },
    gateways: { type: "string", default: "2" },
    json: { type: "boolean", default: false },
    install: { type: "boolean", default: process.env["CI"] !== undefined },
  },
});

/** Which of a stack's addresses belong to a server. */
const addresses = { mysql: ["mysql", "replica", "root"], redis: ["redis"], amqp: ["amqp"], s3: ["s3"] } as const;

async function up(servers: readonly Server[]): Promise<void> {
  const { stopping, stopped } = untilSignal();
  const { dir, install } = values;
  const stack = await startStack({ dir, servers, install, log: note, signal: stopping });
  print(describe(stack, servers));
  await stopped;
  await stack.stop();
  note("all that was started has ended");
}

async function cluster(): Promise<void> {
  const { stopping, stopped } = untilSignal();
  const { dir, install } = values;
  const [port, gateways] = [readNumber("port", 65_535), readNumber("gateways", 9)];
  await ensureInstalled([...allServers, "nginx"], { install, log: note });
  await using servers = disposable(await startStack({ dir, install, log: note, signal: stopping }));
  await using drive = disposable(await startCluster({ dir, servers, gateways, port, log: note, signal: stopping }));
  const pids = { ...servers.pids, ...drive.pids };
  print({ nginx: drive.nginx, gateways: drive.gateways, ...describe(servers, allServers, ["root"]), pids, data: servers.data });
  await stopped;
}

/** Stops it, whatever happens after it was started. */
function disposable<T extends { stop(): Promise<void> }>(started: T): T & AsyncDisposable {
  return { ...started, [Symbol.asyncDispose]: () => started.stop() };
}

function untilSignal(): { stopping: AbortSignal; stopped: Promise<unknown> } {
  const stopping = new AbortController();
  // Awaiting at the top level with nothing else to wait for, Bun 1.4.5 asks for events 40,000 times a second.
  const idle = setInterval(() => {}, 2 ** 30);
  const stopped = new Promise((resolve) => stopping.signal.addEventListener("abort", resolve)).finally(() => clearInterval(idle));
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const)
    process.on(signal, () => stopping.abort(new Error(`stopped by ${signal}`)));
  return { stopping: stopping.signal, stopped };
}

function describe(stack: Stack, servers: readonly Server[], without: (keyof Stack)[] = []): Record<string, unknown> {
  const keys = servers.flatMap((server): (keyof Stack)[] => [...addresses[server]]);
  const shown = [...keys, "pids" as const, "data" as const].filter((key) => !without.includes(key));
  return Object.fromEntries(shown.map((key) => [key, stack[key]]));
}

async function status(): Promise<void> {
  const daemons = await stackStatus(values.dir);
  if (values.json) return print({ daemons });
  for (const { name, pid, works, ports, residentBytes } of daemons) {
    const state =
      pid === null ? "down" : `${works ? "works" : "does not answer"}, pid ${pid}, ${Math.round(residentBytes / 2 ** 20)} MiB`;
    process.stdout.write(`${name.padEnd(8)} ${state}${ports.length > 0 ? `, port ${ports.join(", ")}` : ""}\n`);
  }
}

/** One line for a program, or a few for a person. */
function print(value: Record<string, unknown>): void {
  process.stdout.write(`${values.json ? JSON.stringify(value) : Bun.inspect(value, { colors: false })}\n`);
}

/** To stderr, for stdout is the answer's. */
function note(line: string): void {
  process.stderr.write(`${line}\n`);
}

function readServers(): readonly Server[] {
  const names = values.only?.split(",") ?? allServers;
  const servers = allServers.filter((server) => names.includes(server));
  if (servers.length === 0 || servers.length < names.length)
    throw new Error(`--only ${values.only} is not of ${allServers.join(",")}\n${usage}`);
  return servers;
}

function readNumber(name: "port" | "gateways", max: number): number {
  const number = Number(values[name]);
  if (Number.isInteger(number) && number >= 1 && number <= max) return number;
  throw new Error(`--${name} ${values[name]} must be a number from 1 to ${max}\n${usage}`);
}

async function main(): Promise<void> {
  const [command] = positionals;
  if (command === "cluster") return await cluster();
  if (command === "up") return await up(readServers());
  if (command === "down") return await stopStack(values.dir);
  if (command === "status") return await status();
  throw new Error(usage);
}

try {
  await main();
} catch (error) {
  note(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
