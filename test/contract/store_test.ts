import { afterAll, beforeAll } from "bun:test";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { newId } from "#lib/id/mod.ts";
import { diskStore, openStore } from "#lib/store/mod.ts";

import { startOssBucket } from "../support/oss_bucket.ts";
import { lacksServers, type RealServers, realServers } from "../support/real_servers.ts";
import { s3Bucket } from "../support/s3_bucket.ts";
import { storeContract, type StoreHarness } from "./store.ts";

async function openDisk(sourcesParent: string, verifies: boolean): Promise<StoreHarness> {
  const root = await mkdtemp(join(tmpdir(), "sluice-store-"));
  const sources = await mkdtemp(join(sourcesParent, "sluice-sources-"));
  const aside = join(root, "tmp");
  const store = await diskStore(root);
  return {
    store,
    sources,
    verifies,
    unfinished: async () => (await readdir(aside)).length,
    leaveUnfinished: async () => void (await Bun.write(join(aside, `${Date.now()}-${newId()}`), "half")),
    async close() {
      await store.close();
      await rm(root, { recursive: true });
      await rm(sources, { recursive: true });
    },
  };
}

storeContract("disk, by hard link", async () => openDisk(tmpdir(), false));
// A filesystem of its own on every Linux.
const elsewhere = "/dev/shm";
if (existsSync(elsewhere)) storeContract("disk, by copy", async () => openDisk(elsewhere, true));

async function openS3({ stack }: RealServers, parameters: { partBytes?: string; prefix?: string }): Promise<StoreHarness> {
  const sources = await mkdtemp(join(tmpdir(), "sluice-sources-"));
  const bucket = s3Bucket(stack.s3);
  const store = await openStore({ url: bucket.url(parameters), dataDir: sources });
  return {
    store,
    sources,
    verifies: true,
    sendsMd5s: parameters.partBytes !== undefined,
    unfinished: bucket.unfinished,
    leaveUnfinished: bucket.leaveUnfinished,
    async close() {
      await store.close();
      await bucket.remove();
      await rm(sources, { recursive: true });
    },
  };
}

if (!lacksServers("s3")) {
  let servers: RealServers;
  beforeAll(async () => {
    servers = await realServers("s3");
  });
  afterAll(async () => servers[Symbol.asyncDispose]());
  storeContract("s3, in one piece up to 16 MiB", async () => openS3(servers, {}));
  storeContract("s3, in parts, below a prefix", async () => openS3(servers, { partBytes: "5MiB", prefix: "left" }));
}

async function openOss(parameters: Record<string, string>): Promise<StoreHarness> {
  const sources = await mkdtemp(join(tmpdir(), "sluice-sources-"));
  const bucket = await startOssBucket();
  const store = await openStore({ url: bucket.url(parameters), dataDir: sources });
  return {
    store,
    sources,
    verifies: true,
    resumes: true,
    unfinished: bucket.unfinished,
    leaveUnfinished: bucket.leaveUnfinished,
    async close() {
      await store.close();
      await bucket[Symbol.asyncDispose]();
      await rm(sources, { recursive: true });
    },
  };
}

storeContract("oss, in one piece up to 16 MiB, signed by V4", async () => openOss({}));
storeContract("oss, in parts of 1 MiB, below a prefix, signed by V1", async () =>
  openOss({ partBytes: "1MiB", prefix: "left", signature: "v1" }),
);
storeContract("oss, at a virtual host", async () => openOss({ pathStyle: "false", partBytes: "5MiB" }));
