import { afterEach, describe, expect, setDefaultTimeout, test } from "bun:test";

import { newRoutedId } from "#lib/id/mod.ts";

import { signUp } from "../support/client.ts";
import { startDrive } from "../support/drive.ts";
import { addressOf, startFront } from "../support/front.ts";
import { lacksServers } from "../support/real_servers.ts";

setDefaultTimeout(300_000);

/** A gateway that does nothing but begin uploads, and say which one it is. */
function tinyGateway(name: string, port = 0) {
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port,
    fetch: async (request) => {
      await request.arrayBuffer();
      const key = request.headers.get("x-upload-key");
      const isBegun = beginnings.includes(new URL(request.url).pathname);
      const uploadId = isBegun ? newRoutedId(key ?? "none") : undefined;
      return Response.json({ name, key, uploadId });
    },
  });
  return { name, port: server.port ?? 0, address: `127.0.0.1:${server.port}`, stop: () => server.stop(true) };
}

/** Where uploads begin. */
const beginnings = ["/file/mpupload/init", "/file/offline"];

interface Told {
  name: string;
  key: string | null;
  uploadId?: string;
}

describe.skipIf(lacksServers("nginx"))("uploads through nginx", () => {
  const open: { stop: () => Promise<void> }[] = [];
  afterEach(async () => {
    await Promise.all(open.splice(0).map((gateway) => gateway.stop()));
  });
  const start = (name: string, port?: number) => {
    const gateway = tinyGateway(name, port);
    open.push(gateway);
    return gateway;
  };
  const tell = async (url: string, init?: RequestInit): Promise<Told> => {
    const answer = await fetch(url, init);
    if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`);
    return (await answer.json()) as Told;
  };
  const begin = async (base: string, path = "/file/mpupload/init") => {
    const { name, uploadId = "" } = await tell(`${base}${path}`, { method: "POST", body: "{}" });
    return { name, uploadId };
  };
  const chunk = (base: string, id: string, index: number) =>
    tell(`${base}/file/mpupload/uppart?uploadid=${id}&index=${index}`, { method: "PUT", body: "bytes" });

  test("every chunk, and every question for the status, finds the gateway that began the upload", async () => {
    const gateways = ["a", "b", "c"].map((name) => start(name));
    await using front = await startFront({ gateways: gateways.map(({ address }) => address) });
    const uploads = await Promise.all(Array.from({ length: 60 }, (_, i) => begin(front.url, beginnings[i % 2])));
    expect(new Set(uploads.map(({ name }) => name))).toEqual(new Set(["a", "b", "c"]));
    for (const { name, uploadId } of uploads) {
      const answers = await Promise.all([1, 2, 3].map((index) => chunk(front.url, uploadId, index)));
      answers.push(await tell(`${front.url}/file/mpupload/status?uploadid=${uploadId}`));
      expect(answers.map((answer) => answer.name)).toEqual([name, name, name, name]);
    }
    // The order of a query's members, and what else is in it, is nobody's business.
    const { name, uploadId } = uploads[0] ?? { name: "", uploadId: "" };
    expect((await chunk(front.url, `${uploadId}&x=999`, 1)).name).toBe(name);
  });

  test("only the front says the key, and only where an upload begins", async () => {
    const gateway = start("a");
    await using front = await startFront({ gateways: [gateway.address] });
    const headers = { "x-upload-key": "666", "x-request-id": "a-request-of-666" };
    const keys = new Set<string | null>();
    for (let i = 0; i < 20; i++) {
      const { key } = await tell(`${front.url}/file/mpupload/init`, { method: "POST", headers, body: "{}" });
      expect(key).toMatch(/^\d{3}$/);
      keys.add(key);
    }
    expect(keys.size).toBeGreaterThan(1);
    expect((await tell(`${front.url}/file/mpupload/status?uploadid=x`, { headers })).key).toBeNull();
    expect((await tell(`${front.url}/file/query`, { headers })).key).toBeNull();
  });

  test("the uploads of a gateway that died go to the others, its own come back to it, the others' never moved", async () => {
    const [a, b, c] = [start("a"), start("b"), start("c")];
    await using front = await startFront({ gateways: [a, b, c].map(({ address }) => address) });
    const uploads = await Promise.all(Array.from({ length: 40 }, () => begin(front.url)));
    await b.stop();
    for (const { name, uploadId } of uploads) {
      const found = await chunk(front.url, uploadId, 1);
      if (name === "b") expect(["a", "c"]).toContain(found.name);
      else expect(found.name).toBe(name);
    }
    // Nobody who begins an upload meanwhile is told of it.
    for (let i = 0; i < 20; i++) expect(["a", "c"]).toContain((await begin(front.url)).name);
    start("b", b.port);
    const isBack = async () => {
      const found = await Promise.all(
        uploads.map(async ({ name, uploadId }) => (await chunk(front.url, uploadId, 2)).name === name),
      );
      return found.every(Boolean);
    };
    for (const until = Date.now() + 30_000; !(await isBack()); await Bun.sleep(200)) expect(Date.now()).toBeLessThan(until);
  });

  test("ids that no front has drawn go to one gateway each, too", async () => {
    const gateways = ["a", "b", "c"].map((name) => start(name));
    await using front = await startFront({ gateways: gateways.map(({ address }) => address) });
    const names = new Set<string>();
    for (const id of [
      "01JZZZZZZZZZZZZZZZZZZZZZAB",
      "01JZZZZZZZZZZZZZZZZZZZZZ1B",
      "x",
      "01JZZZZZZZZZZZZZZZZZZZZ99Z",
      "a b",
      "é",
    ]) {
      const found = await Promise.all([1, 2, 3].map((index) => chunk(front.url, encodeURIComponent(id), index)));
      expect(new Set(found.map(({ name }) => name)).size).toBe(1);
      names.add(found[0]?.name ?? "");
    }
    expect(names.size).toBeGreaterThan(1);
  });

  test("a drive ends its ids in the key that its front has drawn, and believes nobody else", async () => {
    await using drive = await startDrive({ env: { TRUSTED_PROXIES: "127.0.0.0/8" } });
    await using front = await startFront({ gateways: [addressOf(drive.url)] });
    const client = await signUp(front.url);
    for (let i = 0; i < 10; i++)
      expect((await client.init({ name: `${i}.bin`, size: 1 })).uploadId).toMatch(/^[0-9A-Z]{23}\d{3}$/);
    const init = async (base: string, key: string) => {
      const headers = { authorization: `Bearer ${client.token}`, "content-type": "application/json", "x-upload-key": key };
      const answer = await fetch(`${base}/file/mpupload/init`, { method: "POST", headers, body: '{"name":"a","size":1}' });
      return ((await answer.json()) as { uploadId: string }).uploadId;
    };
    // As the front itself would ask.
    expect(await init(drive.url, "042")).toEndWith("042");
    for (const bad of ["42", "0042", "abc", "04 2"]) expect(await init(drive.url, bad)).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}$/);
    await using other = await startDrive({ env: { TRUSTED_PROXIES: "10.0.0.0/8" } });
    const stranger = await signUp(other.url);
    const ids = await Promise.all(
      Array.from({ length: 5 }, (_, i) =>
        stranger.json<{ uploadId: string }>(201, "/file/mpupload/init", {
          method: "POST",
          json: { name: `a${i}`, size: 1 },
          headers: { "x-upload-key": "042" },
        }),
      ),
    );
    expect(ids.filter((id) => id.uploadId.endsWith("042")).length).toBeLessThan(2);
  });
});
