import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { renderConf } from "../../nginx/render.ts";
import { sendRaw } from "../acceptance/raw.ts";
import { problem } from "../acceptance/target.ts";
import { type Certificate, makeCertificate, openPorts, startNginx } from "../stack/mod.ts";
import { bytesOf, hashOf, signUp } from "../support/client.ts";
import { startDrive } from "../support/drive.ts";
import { addressOf, startFront } from "../support/front.ts";
import { lacksServers } from "../support/real_servers.ts";

setDefaultTimeout(300_000);

async function run(...command: string[]): Promise<string> {
  const child = Bun.spawn(command, { stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const [out, err, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  if (code !== 0) throw new Error(`${command.join(" ")}: ${err}`);
  return out;
}

describe.skipIf(lacksServers("nginx"))("with a certificate, the front", () => {
  let dir: string;
  let certificate: Certificate;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), "sluice-tls-"));
    certificate = await makeCertificate(dir);
  });
  afterAll(async () => {
    await rm(dir, { recursive: true });
  });

  test("serves by TLS, sends clients there who come without, and says so for a year", async () => {
    await using drive = await startDrive({ env: { NODE_ID: "n1", TRUSTED_PROXIES: "127.0.0.1", WORKERS: "merge,sweep" } });
    const secure = await (await openPorts(dir)).port("https");
    const { ca, cert, key } = certificate;
    const tls = { cert, key, listen: [`127.0.0.1:${secure}`] };
    await using front = await startFront({ gateways: [addressOf(drive.url)], nodes: { n1: drive.dataDir }, tls });
    const base = `https://localhost:${secure}`;
    const ask = (path: string, init: RequestInit = {}) => fetch(`${base}${path}`, { ...init, tls: { ca: Bun.file(ca) } });
    const moved = await fetch(`${front.url}/file/upload?a=b`, { redirect: "manual" });
    expect([moved.status, moved.headers.get("location")]).toEqual([308, `https://127.0.0.1:${secure}/file/upload?a=b`]);

    const client = await signUp(drive.url);
    const file = await client.upload("a.bin", bytesOf(70_000));
    const download = await ask(`/file/download?id=${file.id}`, { headers: { authorization: `Bearer ${client.token}` } });
    expect(hashOf("sha1", await download.bytes())).toBe(file.sha1);
    const refused = await ask(`/file/delete`, { method: "POST", body: "x".repeat(70_000) });
    for (const { headers } of [download, refused, await ask("/healthz")]) {
      expect(headers.get("strict-transport-security")).toBe("max-age=31536000");
    }
    await problem(refused, 413, "too-large");
    const sent = await run("curl", "-sk", "--http2", "-o", "/dev/null", "-w", "%{http_version}", `${base}/healthz`);
    expect(sent).toBe("2");
    // HTTP to the port of HTTPS.
    expect(await sendRaw(`http://127.0.0.1:${secure}`, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")).toContain(
      '"code":"invalid-request"',
    );
  });

  test("takes objects of a store by TLS, whose certificate it checks", async () => {
    const { ca, cert, key } = certificate;
    const body = bytesOf(100_000);
    const store = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      tls: { cert: Bun.file(cert), key: Bun.file(key) },
      fetch: () => new Response(body),
    });
    const gateway = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      fetch: ({ headers }) =>
        headers.has("x-accel-store")
          ? new Response(null, { headers: { "x-accel-redirect": "/_object/0/b/k?x=1" } })
          : new Response("the gateway's"),
    });
    const values = { gateways: [`127.0.0.1:${gateway.port}`] };
    const endpoint = `https://localhost:${store.port}`;
    await using trusting = await startFront({ ...values, stores: [{ endpoint, ca }] });
    await using careful = await startFront({ ...values, stores: [{ endpoint }] });
    expect(Buffer.compare(await (await fetch(`${trusting.url}/file/download`)).bytes(), body)).toBe(0);
    expect(await (await fetch(`${careful.url}/file/download`)).text()).toBe("the gateway's");
    await Promise.all([store.stop(true), gateway.stop(true)]);
  });

  test("tells its own state on this machine only", async () => {
    const ports = await openPorts(dir);
    const [port, status] = [await ports.port("front"), await ports.port("status")];
    const conf = renderConf({
      listen: [`127.0.0.1:${port}`],
      gateways: ["127.0.0.1:9"],
      statusListen: `127.0.0.1:${status}`,
      user: "root",
      workers: "auto",
      frontProxies: ["10.0.0.0/8", "fd00::/8"],
      nodes: { n1: dir, default: `${dir}/it's {a}; #b` },
    });
    const nginx = await startNginx({ dir, conf, ports: [port, status] });
    expect(await (await fetch(`http://127.0.0.1:${status}/nginx_status`)).text()).toContain("Active connections");
    expect((await fetch(`http://127.0.0.1:${status}/healthz`)).status).toBe(404);
    expect((await fetch(`http://127.0.0.1:${port}/nginx_status`)).status).toBe(502);
    await nginx.kill();
  });
});
