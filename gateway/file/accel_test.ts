import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { BlobPlace } from "#db/stored_file.ts";
import { parseConfig } from "#lib/config/mod.ts";
import { newId } from "#lib/id/mod.ts";
import { createStores, diskStore, type Store } from "#lib/store/mod.ts";

import { accelPath, holdFields } from "./accel.ts";

let dir: string;
let store: Store;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "sluice-accel-"));
  store = await diskStore(join(dir, "store"));
});
afterAll(async () => {
  await rm(dir, { recursive: true });
});

const spoolId = newId();
const spooled: BlobPlace = { id: newId(), size: 1, sha256: "", state: "spooled", spoolId, node: "n2", store: null, key: null };
const stored: BlobPlace = { ...spooled, state: "stored", spoolId: null, node: null, store: "one", key: "da/39/da39-01J" };
const context = (of: Store, dataDir = dir) => ({
  stores: createStores([{ name: "one", store: of }], []),
  node: "n1",
  now: () => 1e12,
  config: parseConfig({ DATA_DIR: dataDir }),
});
const said = (nodes: string, origin?: string) =>
  new Headers({ "x-accel-nodes": nodes, ...(origin && { "x-accel-store": origin }) });

describe("bytes in a spool", () => {
  test("are the front's to send wherever it can read that node's folder", async () => {
    expect(await accelPath(context(store), spooled, said("n1,n2"))).toBe(`/_accel/n2/spool/${spoolId}.data`);
    expect(await accelPath(context(store), spooled, said("n1"))).toBeNull();
    expect(await accelPath(context(store), spooled, said("n22,n"))).toBeNull();
    expect(await accelPath(context(store), spooled, new Headers())).toBeNull();
  });

  test("have an id, or no path is made of it", async () => {
    for (const bad of ["../secrets/token-keys", "x", `${spoolId}\n`, ""]) {
      expect(await accelPath(context(store), { ...spooled, spoolId: bad }, said("n2"))).toBeNull();
    }
  });
});

describe("objects on this node's disk", () => {
  test("are the front's where it can read this node's folder", async () => {
    expect(await accelPath(context(store), stored, said("n0,n1"))).toBe("/_accel/n1/store/da/39/da39-01J");
    expect(await accelPath(context(store), stored, said("n2"))).toBeNull();
  });

  test("are the gateway's where the store lies elsewhere", async () => {
    expect(await accelPath(context(store, join(dir, "data")), stored, said("n1"))).toBeNull();
    expect(await accelPath(context(store, tmpdir()), stored, said("n1"))).toBeNull();
  });
});

describe("objects of a store that signs URLs", () => {
  const url = "http://rgw:7480/bucket/da/39/da39-01J?X-Amz-Credential=K%2F1&X-Amz-Signature=0f";
  /** Of a store only what is asked here: what it signs, and that it has no paths. */
  const signing = (signed: string | null): Store => ({ ...store, path: () => null, signedUrl: async () => signed });

  test("are the front's where it can reach that very store", async () => {
    const path = "/_object/0/bucket/da/39/da39-01J?X-Amz-Credential=K%2F1&X-Amz-Signature=0f";
    expect(await accelPath(context(signing(url)), stored, said("n1", "http://rgw:7480"))).toBe(path);
    for (const origin of [undefined, "http://rgw", "https://rgw:7480", "http://other:7480"]) {
      expect(await accelPath(context(signing(url)), stored, said("n1", origin))).toBeNull();
    }
    expect(await accelPath(context(signing(null)), stored, said("n1", "http://rgw:7480"))).toBeNull();
  });

  test("are named by the place of their store among those that the front can reach", async () => {
    const reachable = said("n1", "https://other,file:///srv/hot,http://rgw:7480");
    expect(await accelPath(context(signing(url)), stored, reachable)).toStartWith("/_object/2/bucket/da/39/");
  });

  test("are the gateway's where the row names a store that it does not know, or that was away just now", async () => {
    const near = context(signing(url));
    expect(await accelPath(near, { ...stored, store: "gone" }, said("n1", "http://rgw:7480"))).toBeNull();
    near.stores.noteAway("one");
    expect(await accelPath(near, stored, said("n1", "http://rgw:7480"))).toBeNull();
  });
});

describe("objects in a folder that the front reads, too", () => {
  test("are the front's, under the path below that folder", async () => {
    const far = context(store, join(dir, "data"));
    expect(await accelPath(far, stored, said("n9", `http://rgw,file://${dir}/store`))).toBe("/_object/1/da/39/da39-01J");
    expect(await accelPath(far, stored, said("n9", `file://${dir}/sto`))).toBeNull();
    expect(await accelPath(far, stored, said("n9", "file:///srv/hot"))).toBeNull();
  });
});

test("fields are held under another name, and what is not there stays away", () => {
  const headers = new Headers({ "content-type": "text/plain", "content-disposition": "attachment", etag: '"x"' });
  holdFields(headers);
  expect(Object.fromEntries(headers)).toEqual({
    "x-held-content-type": "text/plain",
    "x-held-content-disposition": "attachment",
    etag: '"x"',
  });
});
