import { mkdir } from "node:fs/promises";
import { join } from "node:path";

import { renderConf } from "../../nginx/render.ts";
import type { FrontValues } from "../../nginx/values.ts";
import { openPorts, startNginx } from "../../test/stack/mod.ts";
import { familyUsage } from "./family.ts";
import type { Server } from "./server.ts";
import type { Usage } from "./usage.ts";
import { usageSum } from "./usage_sum.ts";

const asRoot = process.getuid?.() === 0 ? { user: "root" } : {};

/** Starts the drive's own front before servers; what it and they take is told together. It lives in a folder of `folder`. */
export async function startFront(
  folder: string,
  servers: Server[],
  values: Partial<FrontValues> = {},
  name = newName(),
): Promise<Server> {
  const gateways = servers.map(({ url }) => new URL(url).host);
  const conf = (listen: string) =>
    renderConf({ ...asRoot, workers: 2, connectionsPerClient: 0, ...values, listen: [listen], gateways });
  return await startConf(join(folder, name), conf, servers);
}

/** Starts an nginx that sends the files of a folder, by sendfile: the limit of every download through a front. */
export async function startStatic(folder: string, root: string): Promise<Server> {
  return await startBare(join(folder, newName()), `root ${root};`);
}

/**
 * Starts an nginx with nothing in its server but the directives given, in a folder that it may have been in before: it then has
 * the same port.
 */
export async function startBare(dir: string, directives: string): Promise<Server> {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) => `${name}_temp_path temp;`).join(" ");
  const user = asRoot.user === undefined ? "" : `user ${asRoot.user};`;
  const conf = (listen: string) => `${user} worker_processes 2; events {} http { ${temporary} access_log off; sendfile on;
    tcp_nopush on; keepalive_requests 100000; server { listen ${listen}; ${directives} } }`;
  return await startConf(dir, conf, []);
}

/** Starts an nginx that keeps what is PUT below a folder: the plainest server of uploads that there is. */
export async function startDav(folder: string, root: string): Promise<Server> {
  await mkdir(join(root, "temp"), { recursive: true });
  const temporary = ["proxy", "fastcgi", "uwsgi", "scgi"].map((name) => `${name}_temp_path temp;`).join(" ");
  const user = asRoot.user === undefined ? "" : `user ${asRoot.user};`;
  const conf = (listen: string) => `${user} worker_processes 2; events {} http { ${temporary} access_log off;
    client_body_temp_path ${root}/temp; client_max_body_size 0; server { listen ${listen}; root ${root}; dav_methods PUT; } }`;
  return await startConf(join(folder, newName()), conf, []);
}

async function startConf(dir: string, confOf: (listen: string) => string, behind: Server[]): Promise<Server> {
  await Bun.write(join(dir, "keep"), "");
  const port = await (await openPorts(dir)).port("nginx");
  const listen = `127.0.0.1:${port}`;
  const nginx = await startNginx({ dir, conf: confOf(listen), ports: [port] });
  const usages = async () => {
    const others = await Promise.all(behind.map((server) => server.usages()));
    return Object.assign({ nginx: await familyUsage(nginx.pid) }, ...others) as Record<string, Usage>;
  };
  return {
    url: `http://${listen}`,
    usages,
    usage: async () => usageSum(Object.values(await usages())),
    [Symbol.asyncDispose]: () => nginx.stop(),
  };
}

function newName(): string {
  return `n${crypto.randomUUID().slice(0, 8)}`;
}
