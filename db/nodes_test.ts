import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type Catalog, openCatalog } from "./mod.ts";
import { announceNode, forgetNode, isAlive, listNodes, nodeAliveMs, nodeById } from "./nodes.ts";

let folder: string;
let catalog: Catalog;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-nodes-"));
  catalog = await openCatalog({ DATABASE_URL: undefined, DATA_DIR: folder });
});

afterEach(async () => {
  await catalog.close();
  await rm(folder, { recursive: true });
});

const node = { id: "a", url: "http://a:1", seenAt: 1000 };

test("a node that says again that it is there has one row, the newest", async () => {
  await announceNode(catalog.db, node);
  await announceNode(catalog.db, { id: "b", url: "http://b:1", seenAt: 1000 });
  await announceNode(catalog.db, { ...node, url: "http://a:2", seenAt: 2000 });
  expect(await listNodes(catalog.db)).toHaveLength(2);
  expect(await nodeById(catalog.db, "a")).toEqual({ id: "a", url: "http://a:2", seenAt: 2000 });
});

test("of many processes that say it first, all are heard", async () => {
  await Promise.all(Array.from({ length: 20 }, (_, i) => announceNode(catalog.db, { ...node, seenAt: i })));
  expect(await listNodes(catalog.db)).toHaveLength(1);
});

test("a node that ends is forgotten, unless it is back elsewhere", async () => {
  await announceNode(catalog.db, node);
  await forgetNode(catalog.db, { id: "a", url: "http://a:before" });
  expect(await listNodes(catalog.db)).toEqual([node]);
  await forgetNode(catalog.db, node);
  expect(await listNodes(catalog.db)).toEqual([]);
});

test("a node is alive until it has said nothing for a while", () => {
  expect(isAlive(node, 1000 + nodeAliveMs - 1)).toBe(true);
  expect(isAlive(node, 1000 + nodeAliveMs)).toBe(false);
});
