import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import { renderConf } from "../../nginx/render.ts";
import type { FrontValues } from "../../nginx/values.ts";
import { openPorts, startNginx } from "../../test/stack/mod.ts";
import type { Server } from "./server.ts";
import { type Usage, usageOf } from "./usage.ts";

const asRoot = process.getuid?.() === 0 ? { user: "root" } : {};

/** Starts the drive's own front before servers; what it and they take is told together. */
export async function startFront(folder: string, servers: Server[], values: Partial<FrontValues> = {}): Promise<Server> {
  const gateways = servers.map(({ url }) => new URL(url).host);
  const conf = (listen: string) =>
    renderConf({ ...asRoot, workers: 2, connectionsPerClient: 0, ...values, listen: [listen], gateways });
  return await startConf(folder, conf, servers);
}

/** Starts an nginx that sends the files of a folder, by sendfile: the limit of every download through a front. */
export async function startStatic(folder: string, root: string): Promise<Server> {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) => `${name}_temp_path temp;`).join(" ");
  const user = asRoot.user === undefined ? "" : `user ${asRoot.user};`;
  const conf = (listen: string) => `${user} worker_processes 2; events {} http { ${temporary} access_log off; sendfile on;
    tcp_nopush on; keepalive_requests 100000; server { listen ${listen}; root ${root}; } }`;
  return await startConf(folder, conf, []);
}

/** Starts an nginx that keeps what is PUT below a folder: the plainest server of uploads that there is. */
export async function startDav(folder: string, root: string): Promise<Server> {
  await mkdir(join(root, "temp"), { recursive: true });
  const temporary = ["proxy", "fastcgi", "uwsgi", "scgi"].map((name) => `${name}_temp_path temp;`).join(" ");
  const user = asRoot.user === undefined ? "" : `user ${asRoot.user};`;
  const conf = (listen: string) => `${user} worker_processes 2; events {} http { ${temporary} access_log off;
    client_body_temp_path ${root}/temp; client_max_body_size 0; server { listen ${listen}; root ${root}; dav_methods PUT; } }`;
  return await startConf(folder, conf, []);
}

async function startConf(folder: string, confOf: (listen: string) => string, behind: Server[]): Promise<Server> {
  const dir = join(folder, `n${crypto.randomUUID().slice(0, 8)}`);
  await Bun.write(join(dir, "keep"), "");
  const port = await (await openPorts(dir)).port("nginx");
  const listen = `127.0.0.1:${port}`;
  const nginx = await startNginx({ dir, conf: confOf(listen), ports: [port] });
  return {
    url: `http://${listen}`,
    usage: async () => sum([...(await Promise.all((await family(nginx.pid)).map(usageOf))), ...(await usagesOf(behind))]),
    [Symbol.asyncDispose]: () => nginx.stop(),
  };
}

async function usagesOf(servers: Server[]): Promise<Usage[]> {
  return await Promise.all(servers.map((server) => server.usage()));
}

/** nginx's master and its workers. */
async function family(pid: number): Promise<number[]> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, "latin1");
  return [pid, ...children.trim().split(" ").filter(Boolean).map(Number)];
}

function sum(usages: Usage[]): Usage {
  const of = (key: keyof Usage) => usages.reduce((total, usage) => total + usage[key], 0);
  return { cpuSeconds: of("cpuSeconds"), rssBytes: of("rssBytes"), peakBytes: of("peakBytes") };
}
