// `bun test/stack/main.ts up|down|status [--dir D] [--only mysql,redis] [--json] [--install]`: the real servers, for a person.
//
// `up` stays in the foreground until SIGTERM or Ctrl-C and then ends what it started; `down` ends all that runs in the folder.
import { join } from "node:path";
import { parseArgs } from "node:util";

import { allServers, type Server, type Stack, stackStatus, startStack, stopStack } from "./mod.ts";

const usage = "usage: bun test/stack/main.ts up|down|status [--dir D] [--only mysql,redis,amqp,s3] [--json] [--install]";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    dir: { type: "string", default: join(import.meta.dir, "../../data/stack") },
    only: { type: "string" },
    json: { type: "boolean", default: false },
    install: { type: "boolean", default: process.env["CI"] !== undefined },
  },
});

/** Which of a stack's addresses belong to a server. */
const addresses = { mysql: ["mysql", "replica", "root"], redis: ["redis"], amqp: ["amqp"], s3: ["s3"] } as const;

async function up(servers: readonly Server[]): Promise<void> {
  const stopping = new AbortController();
  const stopped = new Promise((resolve) => stopping.signal.addEventListener("abort", resolve));
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const)
    process.on(signal, () => stopping.abort(new Error(`stopped by ${signal}`)));
  const { dir, install } = values;
  const stack = await startStack({ dir, servers, install, log: note, signal: stopping.signal });
  print(describe(stack, servers));
  await stopped;
  await stack.stop();
  note("all that was started has ended");
}

function describe(stack: Stack, servers: readonly Server[]): Record<string, unknown> {
  const keys = servers.flatMap((server): (keyof Stack)[] => [...addresses[server]]);
  return Object.fromEntries([...keys, "pids" as const, "data" as const].map((key) => [key, stack[key]]));
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

async function main(): Promise<void> {
  const [command] = positionals;
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
