import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type Cluster, type Stack, startCluster } from "../stack/mod.ts";
import { testEnv } from "./child.ts";
import { realServersIn, sharedFolder } from "./real_servers.ts";
import { type TestDatabase, testDatabase } from "./test_database.ts";

/** A drive of many processes on real servers, with a database of its own. Disposing ends it, and all it has made. */
export interface TestCluster extends Cluster, AsyncDisposable {
  servers: Stack;
  database: TestDatabase;
}

/**
 * For suites in which no server is meant to be away: the disk of a machine that runs other suites beside them may keep a commit
 * waiting for longer than a person would.
 */
export const patient = { DATABASE_TIMEOUT: "30s" };

/** Starts two gateways with their workers and nginx, on the servers in that folder: by default the shared ones. */
export async function startTestCluster(
  env: Record<string, string> = {},
  serversDir = process.env[sharedFolder],
): Promise<TestCluster> {
  await using stack = new AsyncDisposableStack();
  const { stack: servers } = stack.use(await realServersIn(serversDir, ["mysql", "redis", "amqp", "s3"]));
  const database = stack.use(await testDatabase(servers));
  const dir = stack.adopt(await mkdtemp(join(tmpdir(), "cl-")), (folder) => rm(folder, { recursive: true }));
  const cluster = await startCluster({
    dir,
    servers: { ...servers, mysql: database.url, replica: database.replicaUrl },
    env: { ...testEnv, ...env },
    log: () => {},
  });
  stack.defer(() => cluster.stop());
  const ending = stack.move();
  return { ...cluster, servers, database, [Symbol.asyncDispose]: () => ending.disposeAsync() };
}
