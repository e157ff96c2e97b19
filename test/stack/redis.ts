import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { Redis } from "ioredis";

import { certificateOf } from "./certificate.ts";
import type { Daemon } from "./daemon.ts";
import type { Site } from "./site.ts";

/** The index of progress: one Redis that writes an append-only file every second, with a port for TLS. */
export async function redis(site: Site): Promise<Daemon[]> {
  const dir = join(site.dir, "redis");
  const [port, tlsPort] = [await site.port("redis"), await site.port("redis-tls")];
  const { ca, cert, key } = certificateOf(site.dir);
  const conf = [
    `port ${port}`,
    "bind 127.0.0.1",
    `dir ${dir}`,
    `pidfile ${dir}/redis.pid`,
    'logfile ""',
    "daemonize no",
    "appendonly yes",
    "appendfsync everysec",
    'save ""',
    `requirepass ${site.secrets.redis}`,
    `tls-port ${tlsPort}`,
    `tls-ca-cert-file ${ca}`,
    `tls-cert-file ${cert}`,
    `tls-key-file ${key}`,
    "tls-auth-clients no",
  ];
  const daemon: Daemon = {
    name: "redis",
    command: ["redis-server", join(dir, "redis.conf")],
    ports: [port, tlsPort],
    prepare: async () => {
      await mkdir(dir, { recursive: true });
      await writeFile(join(dir, "redis.conf"), `${conf.join("\n")}\n`, { mode: 0o600 });
    },
    check: () => ping(port, site.secrets.redis),
  };
  return [daemon];
}

/** Rejects while it still loads its file, too. */
async function ping(port: number, password: string): Promise<void> {
  const client = new Redis({
    host: "127.0.0.1",
    port,
    password,
    lazyConnect: true,
    connectTimeout: 2000,
    retryStrategy: () => null,
  });
  // What it emits is also what `connect` rejects with.
  client.on("error", () => {});
  try {
    await client.connect();
    await client.ping();
  } finally {
    client.disconnect();
  }
}
