import { expect } from "bun:test";
import { readdir } from "node:fs/promises";
import { join } from "node:path";

import { hashOf, until } from "./client.ts";
import type { TestCluster } from "./cluster.ts";
import type { Expected } from "./settled.ts";

/**
 * Waits until a cluster has nothing left to do, and asserts that it holds just these files, whole, each once, in the
 * object store, and nothing in any spool: as if nothing had ever happened to it.
 */
export async function expectClusterSettled(cluster: TestCluster, expected: Expected[]): Promise<void> {
  await until(
    () => unsettled(cluster),
    ({ length }) => length === 0,
    180_000,
  );
  const wanted = expected.map(({ name, bytes }) => ({ name, sha1: hashOf("sha1", bytes) }));
  const files = await cluster.database.root("select name, sha1 from files where deleted_at is null");
  expect(files.map(({ name, sha1 }) => `${String(name)} ${String(sha1)}`).toSorted()).toEqual(
    wanted.map(({ name, sha1 }) => `${name} ${sha1}`).toSorted(),
  );
  const blobs = await cluster.database.root("select sha1 from blobs where state = 'stored'");
  expect(blobs.map(({ sha1 }) => sha1).toSorted()).toEqual([...new Set(wanted.map(({ sha1 }) => sha1))].toSorted());
  for (const { client, name, bytes } of expected) {
    const sha1 = hashOf("sha1", bytes);
    const { id } = await client.json<{ id: string }>(200, `/file/query?sha1=${sha1}`);
    expect(hashOf("sha1", await client.download(id)), name).toBe(sha1);
  }
}

/** What waits for a worker, or is only passing through. */
async function unsettled(cluster: TestCluster): Promise<string[]> {
  const uploads = await cluster.database.root(
    "select id, state, lease_owner from uploads where state in ('open', 'fetching', 'verifying')",
  );
  const blobs = await cluster.database.root("select id, state, lease_owner, attempts from blobs where state <> 'stored'");
  const spool = await Promise.all(cluster.dataDirs.map((dir) => readdir(join(dir, "spool"))));
  return [
    ...uploads.map((row) => `upload ${JSON.stringify(row)}`),
    ...blobs.map((row) => `blob ${JSON.stringify(row)}`),
    ...spool.flat().map((name) => `spool file ${name}`),
  ];
}
