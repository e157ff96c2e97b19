/**
 * The real servers on this machine, for tests, benchmarks and people: MariaDB (primary and replica), Redis, RabbitMQ and
 * Ceph with an S3 gateway, all in one folder and on ports of 127.0.0.1 of their own. The system's own services are not touched.
 *
 * ```ts
 * const stack = await startStack({ dir: "/tmp/s", servers: ["mysql", "redis"], log: () => {} });
 * await stack.kill("redis");
 * await stack.start("redis");
 * await stack.stop();
 * ```
 *
 * {@link startCluster} starts the drive on them: gateways, workers, nginx. More daemons join a folder by {@link createControl}.
 */
export type { S3Access } from "./ceph.ts";
export { type Cluster, type ClusterOptions, type ClusterServers, startCluster } from "./cluster.ts";
export { type Certificate, makeCertificate } from "./certificate.ts";
export { createControl } from "./control.ts";
export type { Daemon } from "./daemon.ts";
export { ensureInstalled, missingPackages } from "./install.ts";
export { startNginx } from "./nginx.ts";
export { openPorts } from "./ports.ts";
export { startStack, stopStack, type Stack } from "./stack.ts";
export { allServers, type Server } from "./servers.ts";
export { stackStatus } from "./status.ts";
