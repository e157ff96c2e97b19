import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { bytesOf, hashOf, signUp } from "../support/client.ts";
import { untilDataDir } from "../support/data_dir.ts";
import { startDrive } from "../support/drive.ts";
import { addressOf, startFront } from "../support/front.ts";
import { lacksServers } from "../support/real_servers.ts";

setDefaultTimeout(300_000);

const bytes = bytesOf(1_500_000, "front");
const sha1 = hashOf("sha1", bytes);

describe.skipIf(lacksServers("nginx"))("several stores behind nginx", () => {
  test("files go out from the folder that nginx reads, by the gateway from the other, and from neither twice", async () => {
    const root = await mkdtemp(join(tmpdir(), "sluice-front-stores-"));
    const STORES = `hot=file://${root}/hot,cold=file://${root}/cold`;
    await using drive = await startDrive({
      env: { STORES, STORE_POLICY: "*.cold -> cold; * -> hot+cold", TRUSTED_PROXIES: "127.0.0.1" },
    });
    const stores = [{ endpoint: "http://127.0.0.1:9" }, { endpoint: `file://${root}/hot` }];
    await using front = await startFront({ gateways: [addressOf(drive.url)], stores });
    const client = await signUp(front.url);
    const hot = await client.upload("a.hot", bytes);
    const cold = await client.upload("a.cold", bytesOf(1000, "cold"));
    await untilDataDir(drive.dataDir, ({ blobs }) => blobs.length === 2 && blobs.every(({ state }) => state === "stored"));
    const ask = (base: string, id: string, headers: Record<string, string> = {}) =>
      fetch(`${base}/file/download?id=${id}`, { headers: { authorization: `Bearer ${client.token}`, ...headers } });
    /** Where the gateway leads a front that says what it can reach. */
    const led = async (id: string) =>
      (await ask(drive.url, id, { "x-accel-store": stores.map(({ endpoint }) => endpoint).join(",") })).headers.get(
        "x-accel-redirect",
      );
    expect(await led(hot.id)).toMatch(/^\/_object\/1\/[0-9a-f]{2}\/[0-9a-f]{2}\/[0-9a-f]{40}-\w{26}$/);
    expect(await led(cold.id)).toBeNull();

    for (const headers of [{}, { range: "bytes=1000-99999" }, { range: "bytes=9000000-" }, { "if-none-match": `"${sha1}"` }]) {
      const [direct, carried] = [await ask(drive.url, hot.id, headers), await ask(front.url, hot.id, headers)];
      const told = async (answer: Response) => ({
        status: answer.status,
        type: answer.headers.get("content-type"),
        range: answer.headers.get("content-range"),
        etag: answer.headers.get("etag"),
        name: answer.headers.get("content-disposition"),
        sha1: answer.status < 300 ? hashOf("sha1", await answer.bytes()) : "",
      });
      expect(await told(carried)).toEqual(await told(direct));
    }
    expect(hashOf("sha1", await client.download(cold.id))).toBe(hashOf("sha1", bytesOf(1000, "cold")));

    // Lost under nginx' hands: the gateway has it from the second copy, and the client sees none of it.
    const key = (await readdir(join(root, "hot"), { recursive: true })).find((name) => /-\w{26}$/.test(name)) ?? "";
    await untilDataDir(drive.dataDir, () => Array.from(new Bun.Glob("??/??/*").scanSync(join(root, "cold"))).length === 2);
    await rm(join(root, "hot", key));
    expect(hashOf("sha1", await client.download(hot.id))).toBe(sha1);
    expect((await front.accessLog()).filter(({ status }) => Number(status) >= 500)).toEqual([]);
    // Nobody from outside gets into a store's folder.
    expect((await fetch(`${front.url}/_object/1/${key}`)).status).toBe(404);
    await rm(root, { recursive: true });
  });
});
