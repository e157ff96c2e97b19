import { mkdir } from "node:fs/promises";
import { join } from "node:path";

import { type Constant, startConstant } from "../support/constant.ts";
import { startBare, startFront } from "../support/front.ts";
import type { Server } from "../support/server.ts";
import type { Floor } from "./place.ts";

/** A string in nginx's conf may have 4096 bytes, and a dollar sign in it is always a variable. */
const quotable = /^[^$]{1,3000}$/s;

/** A bare Hono route, asked directly. */
export async function honoFloor(folder: string, constant: Constant): Promise<Floor> {
  return floorOf("hono", constant.status, [await startConstant(folder, "floor", constant)]);
}

/** The same behind the drive's own front, as many as there are gateways. */
export async function honoBehindFront(folder: string, gateways: number, constant: Constant): Promise<Floor> {
  const names = Array.from({ length: gateways }, (_, i) => `floor-${i + 1}`);
  const servers = await Promise.all(names.map((name) => startConstant(folder, name, constant)));
  const front = await startFront(folder, servers, { metricsAllow: ["127.0.0.1"], ...wideLimits }, "floor-front");
  return floorOf("hono", constant.status, [front, ...servers]);
}

/** What a front lets through of one client, so that its limits are not what is measured. */
export const wideLimits = { streamMax: 60_000, streamMaxPerClient: 60_000, signInsPerSecond: 100_000, signInBurst: 100_000 };

/** nginx alone: `return` where the bytes can be said in its conf, a file otherwise. None for what has no end. */
export async function nginxFloor(folder: string, constant: Constant): Promise<Floor | undefined> {
  if (constant.isEndless) return undefined;
  const dir = join(folder, "floor-nginx");
  await mkdir(dir, { recursive: true });
  const { directives, status } = await directivesOf(dir, constant);
  return floorOf("nginx", status, [await startBare(dir, directives)]);
}

async function directivesOf(dir: string, { method, status, headers, body }: Constant) {
  const type = `default_type "${headers["content-type"] ?? ""}";`;
  if (status === 204 || (status >= 300 && status < 400))
    return { directives: `return ${status} ${headers["location"] ?? ""};`, status };
  if (body === "" || (quotable.test(body) && isText(headers)))
    return { directives: `${type} return ${status} "${body.replaceAll(/["\\]/g, String.raw`\$&`)}";`, status };
  if (method !== "GET") throw new Error(`nginx cannot answer ${method} with ${body.length} bytes`);
  await Bun.write(join(dir, "body"), Buffer.from(body, "latin1"));
  // A range of it would be asked for with the header of the original's.
  return { directives: `${type} root ${dir}; max_ranges 0; location / { try_files /body =404; }`, status: 200 };
}

function isText(headers: Record<string, string>): boolean {
  return /^(text\/|application\/(problem\+)?json)/.test(headers["content-type"] ?? "");
}

function floorOf(name: Floor["name"], status: number, servers: [Server, ...Server[]]): Floor {
  const stack = new AsyncDisposableStack();
  for (const server of servers.toReversed()) stack.use(server);
  return { name, url: servers[0].url, status, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}
