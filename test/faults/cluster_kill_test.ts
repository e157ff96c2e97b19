import { afterAll, beforeAll, describe, setDefaultTimeout, test } from "bun:test";

import { bytesOf, type Client, signUp } from "../support/client.ts";
import { startTestCluster, type TestCluster } from "../support/cluster.ts";
import { expectClusterSettled } from "../support/cluster_settled.ts";
import { lacksServers } from "../support/real_servers.ts";
import { persist, type ResumingUpload, resumingUpload } from "../support/resuming_upload.ts";

setDefaultTimeout(300_000);

const chunkSize = 256 * 1024;

/** Everything that may die, and what it is a part of. */
const victims = [
  ["gateway-1", "cluster"],
  ["gateway-2", "cluster"],
  ["worker-1", "cluster"],
  ["worker-2", "cluster"],
  ["nginx", "cluster"],
  ["amqp", "servers"],
  ["redis", "servers"],
  ["mysql", "servers"],
  ["replica", "servers"],
  ["rgw", "servers"],
  ["osd", "servers"],
] as const;

describe.skipIf(lacksServers("mysql", "redis", "amqp", "s3", "nginx"))("a cluster of which one part is killed", () => {
  let cluster: TestCluster;
  let client: Client;
  const everything: (ResumingUpload & { client: Client })[] = [];

  beforeAll(async () => {
    cluster = await startTestCluster();
    client = await signUp(cluster.nginx);
  });
  afterAll(async () => await cluster?.[Symbol.asyncDispose]());

  /** Uploads of 1 to 12 chunks, each of a content of its own. */
  const makeUploads = (name: string) =>
    Array.from({ length: 8 }, (_, i) => {
      const bytes = bytesOf(1 + ((i * 7919) % 12) * chunkSize + i, `${name} ${i}`);
      return { client, ...resumingUpload(client, { name: `${name} ${i}.bin`, bytes, chunkSize }) };
    });

  test.each(victims)("%s: what was acknowledged counts, and every upload ends well, once", async (name, where) => {
    const part = where === "cluster" ? cluster : cluster.servers;
    const uploads = makeUploads(name);
    everything.push(...uploads);
    const total = uploads.reduce((sum, { bytes }) => sum + Math.ceil(bytes.byteLength / chunkSize), 0);
    const acknowledged = () => uploads.reduce((sum, upload) => sum + upload.acknowledged.size, 0);
    const killing = async () => {
      while (acknowledged() < total / 3) await Bun.sleep(1);
      await part.kill(name);
      // Long enough for chunks, merges and pushes to run into it.
      await Bun.sleep(1500);
      await part.start(name);
    };
    const uploading = uploads.map((upload) => persist(() => upload.go()));
    await Promise.all([killing(), ...uploading]);
    await expectClusterSettled(cluster, everything);
  });
});
