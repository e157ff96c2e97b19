import { join } from "node:path";

import { type Server, startServer } from "./server.ts";

/** The one answer of a bare Hono route. */
export interface Constant {
  method: string;
  /** As Hono writes it. */
  path: string;
  status: number;
  /** Beside its length. */
  headers: Record<string, string>;
  /** A character for each byte (latin1). */
  body: string;
  /** Whether it goes on after its body, without an end. */
  isEndless: boolean;
}

/** Starts a Bun server with one Hono route: the floor of a request. Its files are named after `name`, below `folder`. */
export async function startConstant(folder: string, name: string, constant: Constant): Promise<Server> {
  const path = join(folder, `${name}.json`);
  await Bun.write(path, JSON.stringify(constant));
  return await startServer({ command: [process.execPath, "bench/peers/constant.ts", path], folder, name });
}

/** A GET that answers JSON. */
export function jsonConstant(path: string, json: unknown): Constant {
  const body = Buffer.from(JSON.stringify(json)).toString("latin1");
  return { method: "GET", path, status: 200, headers: { "content-type": "application/json" }, body, isEndless: false };
}
