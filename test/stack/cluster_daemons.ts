import { mkdir } from "node:fs/promises";
import { join } from "node:path";

import { fromEnv } from "../../nginx/from_env.ts";
import { renderConf } from "../../nginx/render.ts";
import type { ClusterOptions, ClusterServers } from "./cluster.ts";
import type { Daemon } from "./daemon.ts";
import { nginxDaemon } from "./nginx.ts";
import type { Site } from "./site.ts";

/** What a cluster is made of. */
export interface ClusterDaemons {
  urls: { nginx: string; gateways: string[] };
  dataDirs: string[];
  /** Of each node: its gateway, and then its workers, which read the same spool. */
  nodes: Daemon[][];
  nginx: Daemon[];
}

const root = join(import.meta.dir, "../..");
const host = "127.0.0.1";
const allWorkers = "merge,push,purge,sweep,probe,fetch,copy";

/** One node of the cluster: the ports and the folder of its gateway and workers. */
interface Node {
  id: string;
  number: number;
  dataDir: string;
  port: number;
  workerPort: number;
}

/** The daemons of a cluster in a folder; the ports are the folder's, given out on the first call. */
export async function clusterDaemons(site: Site, options: ClusterOptions): Promise<ClusterDaemons> {
  const front = await site.port("nginx", options.port);
  const nodes: Node[] = [];
  for (let number = 1; number <= (options.gateways ?? 2); number++) {
    nodes.push({
      id: `node-${number}`,
      number,
      dataDir: join(site.dir, `node-${number}`),
      port: await site.port(`gateway-${number}`),
      workerPort: await site.port(`worker-${number}`),
    });
  }
  const shared = sharedEnv(options.servers, { tokenKeys: site.secrets.tokenKeys, front });
  return {
    urls: { nginx: `http://${host}:${front}`, gateways: nodes.map(({ port }) => `http://${host}:${port}`) },
    dataDirs: nodes.map(({ dataDir }) => dataDir),
    nodes: nodes.map((node) => {
      const env = { ...shared, ...nodeEnv(node), ...options.env };
      return [gateway(node, env), worker(node, env)];
    }),
    nginx: [nginxDaemon({ dir: site.dir, conf: frontConf(front, nodes, options), ports: [front] })],
  };
}

/** Its limits may be set in `env` as those of a front in production are. Two workers: the machine is shared with everything else. */
function frontConf(port: number, nodes: Node[], { servers, env = {} }: ClusterOptions): string {
  const { streamMax, streamMaxPerClient, signInsPerSecond, signInBurst, connectionsPerClient } = fromEnv(env);
  return renderConf({
    streamMax,
    streamMaxPerClient,
    signInsPerSecond,
    signInBurst,
    connectionsPerClient,
    listen: [`${host}:${port}`],
    gateways: nodes.map((node) => `${host}:${node.port}`),
    nodes: Object.fromEntries(nodes.map(({ id, dataDir }) => [id, dataDir])),
    stores: [{ endpoint: servers.s3.endpoint }],
    metricsAllow: [host],
    workers: 2,
    ...(process.getuid?.() === 0 && { user: "root" }),
  });
}

function sharedEnv(servers: ClusterServers, { tokenKeys, front }: { tokenKeys: string; front: number }): Record<string, string> {
  const { mysql, replica, redis, amqp, s3 } = servers;
  return {
    HOST: host,
    DATABASE_URL: mysql,
    DATABASE_REPLICA_URLS: replica,
    REDIS_URL: redis,
    AMQP_URL: amqp,
    STORE_URL: storeUrl(s3),
    TOKEN_KEYS: tokenKeys,
    TRUSTED_PROXIES: host,
    PUBLIC_URL: `http://${host}:${front}`,
  };
}

/** The form that docs/operations.md describes. */
function storeUrl({ endpoint, bucket, region, accessKeyId, secretAccessKey }: ClusterServers["s3"]): string {
  const url = new URL(`/${bucket}`, endpoint);
  url.username = accessKeyId;
  url.password = secretAccessKey;
  url.search = new URLSearchParams({ region, pathStyle: "true" }).toString();
  return `s3:${url.href}`;
}

function nodeEnv({ id, dataDir, port, workerPort }: Node): Record<string, string> {
  return {
    NODE_ID: id,
    DATA_DIR: dataDir,
    PORT: String(port),
    WORKER_PORT: String(workerPort),
    ADVERTISE_URL: `http://${host}:${port}`,
  };
}

function gateway({ number, port, dataDir }: Node, env: Record<string, string>): Daemon {
  return bunDaemon(`gateway-${number}`, ["gateway/main.ts"], { env, port, dataDir });
}

function worker({ number, workerPort, dataDir }: Node, env: Record<string, string>): Daemon {
  const names = (env["WORKERS"] ?? allWorkers).split(",");
  return bunDaemon(`worker-${number}`, ["workers/main.ts", ...names], { env, port: workerPort, dataDir });
}

interface BunDaemonOptions {
  env: Record<string, string>;
  port: number;
  dataDir: string;
}

function bunDaemon(name: string, [program = "", ...args]: string[], { env, port, dataDir }: BunDaemonOptions): Daemon {
  return {
    name,
    // As `npm start` does; see bin/run.mjs.
    command: [process.execPath, join(root, program), ...args],
    env: { BUN_CONFIG_MAX_HTTP_REQUESTS: "65535", ...env },
    ports: [port],
    prepare: async () => void (await mkdir(dataDir, { recursive: true })),
    check: () => isReady(port),
  };
}

async function isReady(port: number): Promise<void> {
  const answer = await fetch(`http://${host}:${port}/readyz`, { signal: AbortSignal.timeout(3000) });
  if (!answer.ok) throw new Error(`it is not ready: ${await answer.text()}`);
}
