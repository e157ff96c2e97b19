import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type Installable, missingPackages } from "../stack/install.ts";
import { type Server, type Stack, startStack } from "../stack/mod.ts";

/** The folder of the stack that `npm test` starts once for all suites that ask real servers. */
export const sharedFolder = "SLUICE_TEST_STACK";

/**
 * Whether a suite of these servers cannot run here: on a person's machine that lacks them. In CI they are installed, and
 * nothing is skipped.
 */
export function lacksServers(...servers: Installable[]): boolean {
  return process.env["CI"] === undefined && missingPackages(servers).length > 0;
}

/** Real servers for a suite; disposing ends those that were started for it. */
export interface RealServers extends AsyncDisposable {
  stack: Stack;
}

/**
 * The real servers, running: those of `npm test`, where that started them, else some of the suite's own. What they hold is
 * shared: a suite makes a database, a bucket or names of its own, and starts again what it kills.
 */
export async function realServers(...servers: Server[]): Promise<RealServers> {
  return await realServersIn(process.env[sharedFolder], servers);
}

/** The same for one who knows the folder of the shared ones; of its own without it. */
export async function realServersIn(shared: string | undefined, servers: Server[]): Promise<RealServers> {
  const dir = shared ?? (await mkdtemp(join(tmpdir(), "sluice-stack-")));
  const stack = await startStack({ dir, servers, log: () => {} });
  return {
    stack,
    [Symbol.asyncDispose]: async () => {
      // What was found running stays; it is ended by whoever started it.
      await stack.stop();
      if (shared === undefined) await rm(dir, { recursive: true });
    },
  };
}
