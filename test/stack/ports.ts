import { readFile, rename, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { join } from "node:path";

import { z } from "zod";

import { systemCode } from "#lib/errors/mod.ts";

/** The ports of one folder, each by a name. */
export interface Ports {
  /** The port of that name: the same one each time, once it was given out. The first time, `wanted` if that is free. */
  port(name: string, wanted?: number): Promise<number>;
}

/**
 * Below 32768, where Linux begins to give ports to outgoing connections: there, while a server is down, its port could be
 * given away, or a client that reconnects to it again and again could connect to itself.
 */
const range = { from: 20_000, to: 32_000, perFolder: 40 };

/** Opens a folder's ports, kept in `ports.json` there. One process at a time may have names added. */
export async function openPorts(dir: string): Promise<Ports> {
  const path = join(dir, "ports.json");
  const known = await read(path);
  let last: Promise<unknown> = Promise.resolve();

  const add = async (name: string, wanted?: number): Promise<number> => {
    const isWanted = wanted !== undefined && (await isFree(wanted));
    const port = known[name] ?? (isWanted ? wanted : await findFree(Object.values(known)));
    if (known[name] === undefined) await write(path, Object.assign(known, { [name]: port }));
    return port;
  };
  return {
    port: (name, wanted) => {
      const port = last.then(() => add(name, wanted));
      last = port.catch(() => {
        // Whoever asked is told; the next one in the row shall not suffer for it.
      });
      return port;
    },
  };
}

/** Whether nothing listens on that port of 127.0.0.1. */
export async function isFree(port: number): Promise<boolean> {
  const server = await listen(port);
  if (server === null) return false;
  await new Promise((resolve) => server.close(resolve));
  return true;
}

/** The next one after those taken, in a block of the folder's own. */
async function findFree(taken: number[]): Promise<number> {
  const own = taken.filter((port) => port >= range.from);
  let port = 1 + (own.length > 0 ? Math.max(...own) : await claimBlock());
  while (!(await isFree(port))) port = port + 1 < range.to + range.perFolder ? port + 1 : range.from;
  return port;
}

/**
 * A block that no other folder is given while this process runs, for its first port is listened on until then: a port is
 * given out some time before its server listens on it, and again and again while that is down. @returns the block's first port.
 */
async function claimBlock(): Promise<number> {
  const blocks = (range.to - range.from) / range.perFolder;
  const start = Math.floor(Math.random() * blocks);
  for (let tried = 0; tried < blocks; tried += 1) {
    const first = range.from + range.perFolder * ((start + tried) % blocks);
    const claim = await listen(first);
    claim?.unref();
    if (claim !== null) return first;
  }
  throw new Error("no ports of 127.0.0.1 are left for another stack");
}

/** @returns null when the port is taken. */
async function listen(port: number): Promise<Server | null> {
  const server = createServer();
  const { promise, resolve, reject } = Promise.withResolvers<Server | null>();
  server.once("error", (error) => (systemCode(error) === "EADDRINUSE" ? resolve(null) : reject(error)));
  server.listen({ port, host: "127.0.0.1", exclusive: true }, () => resolve(server));
  return await promise;
}

async function read(path: string): Promise<Record<string, number>> {
  try {
    return z.record(z.string(), z.number()).parse(JSON.parse(await readFile(path, "utf8")));
  } catch (error) {
    if (systemCode(error) === "ENOENT") return {};
    throw error;
  }
}

async function write(path: string, ports: Record<string, number>): Promise<void> {
  await writeFile(`${path}.new`, JSON.stringify(ports, null, 2));
  await rename(`${path}.new`, path);
}
