import { expect, test } from "bun:test";

import { announceNode, listNodes } from "#db/nodes.ts";

import { eventually, testFolder, testGateway } from "../auth/testing.ts";
import { advertisedUrl, register } from "./register.ts";

test.each([
  [{ HOST: "127.0.0.1" }, "http://127.0.0.1:8080", /^http:\/\/127\.0\.0\.1:8080$/],
  [{ HOST: "::1" }, "http://[::1]:8080", /^http:\/\/\[::1\]:8080$/],
  [{ HOST: "0.0.0.0" }, "http://0.0.0.0:8080", /^http:\/\/(?!0)[^:]+:8080$/],
  [{ HOST: "::" }, "http://[::]:8080", /^http:\/\/[^[:]+:8080$/],
  [{ HOST: "0.0.0.0", ADVERTISE_URL: "https://gw-1.internal/" }, "http://0.0.0.0:8080", /^https:\/\/gw-1\.internal$/],
])("%o listening on %s", (config, listening, url) => {
  expect(advertisedUrl({ ADVERTISE_URL: undefined, ...config }, listening)).toMatch(url);
});

test("a gateway is in the registry while it runs, and says again that it is there", async () => {
  await using folder = await testFolder();
  const gateway = await testGateway(folder);
  await register({ ...gateway, node: "a" }, "http://a:1");
  const [first] = await listNodes(gateway.catalog.db);
  expect(first).toMatchObject({ id: "a", url: "http://a:1" });
  await eventually(async () => ((await listNodes(gateway.catalog.db))[0]?.seenAt ?? 0) > (first?.seenAt ?? 0));
  const other = await testGateway(folder);
  expect(await gateway.lifecycle.stop({ timeoutMs: 5000 })).toBe(true);
  expect(await listNodes(other.catalog.db)).toEqual([]);
});

test("what keeps two gateways from being one drive is said once", async () => {
  await using folder = await testFolder();
  const gateway = await testGateway(folder);
  await announceNode(gateway.catalog.db, { id: "b", url: "http://b:1", seenAt: Date.now() });
  await register({ ...gateway, node: "a" }, "http://a:1");
  // Somebody else says that they are this node.
  await announceNode(gateway.catalog.db, { id: "a", url: "http://thief:1", seenAt: Date.now() });
  await eventually(() => gateway.lines.some((line) => line.includes("NODE_ID")));
  await gateway.lifecycle.stop({ timeoutMs: 5000 });
  const errors = gateway.lines.map((line) => (JSON.parse(line) as { msg: string }).msg);
  expect(errors.map((text) => text.split(":")[0]).toSorted()).toEqual(["NODE_ID", "STORE_URL", "TOKEN_KEYS"]);
});

test("nothing is said of a node that is dead, nor of what a killed process of this one left", async () => {
  await using folder = await testFolder();
  const gateway = await testGateway(folder);
  await announceNode(gateway.catalog.db, { id: "b", url: "http://b:1", seenAt: Date.now() - 60_000 });
  await announceNode(gateway.catalog.db, { id: "a", url: "http://a:before", seenAt: Date.now() });
  await register({ ...gateway, node: "a" }, "http://a:1");
  expect(gateway.lines).toEqual([]);
});

test("a catalog that is away is logged once, and the gateway goes on", async () => {
  await using folder = await testFolder();
  const gateway = await testGateway(folder);
  let isAway = true;
  const catalog = {
    ...gateway.catalog,
    get db() {
      if (isAway) throw new Error("away");
      return gateway.catalog.db;
    },
  };
  await register({ ...gateway, catalog, node: "a" }, "http://a:1");
  await Bun.sleep(4000);
  expect(gateway.lines.filter((line) => line.includes("could not say that it is there"))).toHaveLength(1);
  isAway = false;
  await eventually(async () => (await listNodes(gateway.catalog.db)).length === 1);
});
