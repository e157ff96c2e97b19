import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, readFile, readlink, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { newId } from "#lib/id/mod.ts";
import { openStore, type PutSource, type Store } from "#lib/store/mod.ts";

import { eventually } from "../contract/eventually.ts";
import { makeCertificate } from "../stack/mod.ts";
import { startChild } from "../support/child.ts";
import { lacksServers, type RealServers, realServers } from "../support/real_servers.ts";
import { s3Bucket, type S3Bucket, s3Url } from "../support/s3_bucket.ts";
import { startS3Proxy } from "../support/s3_proxy.ts";

setDefaultTimeout(300_000);

const mebibyte = 2 ** 20;
const never = new AbortController().signal;
const digest = (bytes: Uint8Array) => new Bun.CryptoHasher("sha256").update(bytes).digest("hex");
/** Short times, so that what waits half a minute in production shows in a test; small parts, so that there are many. */
const impatient = { answerTimeout: "2s", idleTimeout: "1s", partBytes: "5MiB" };
const caught = async (work: Promise<unknown>): Promise<unknown> =>
  await work.then(
    () => "no error",
    (error: unknown) => error,
  );

describe.skipIf(lacksServers("s3"))("s3 on Ceph", () => {
  let servers: RealServers;
  let folder: string;
  let bucket: S3Bucket;
  let store: Store;
  const bytes = randomBytes(96 * mebibyte);
  let source: PutSource;

  beforeAll(async () => {
    servers = await realServers("s3");
    folder = await mkdtemp(join(tmpdir(), "sluice-s3-"));
    source = { path: join(folder, "source"), size: bytes.byteLength, sha256: digest(bytes) };
    await Bun.write(source.path, bytes);
    bucket = s3Bucket(servers.stack.s3);
    // Patiently: for half a minute after RGW was killed (by another suite) it is slow to make buckets.
    await (await openStore({ url: bucket.url({ answerTimeout: "60s" }), dataDir: folder })).close();
    store = await openStore({ url: bucket.url(impatient), dataDir: folder });
  });
  afterAll(async () => {
    await store.close();
    await bucket.remove();
    await rm(folder, { recursive: true });
    await servers[Symbol.asyncDispose]();
  });

  const signal = (daemon: string, name: "SIGSTOP" | "SIGCONT") => {
    const pid = servers.stack.pids[daemon];
    if (pid === undefined) throw new Error(`${daemon} does not run`);
    process.kill(pid, name);
  };

  /** Stops a daemon for as long as `task` runs. */
  async function frozen<T>(daemon: string, task: () => Promise<T>): Promise<T> {
    signal(daemon, "SIGSTOP");
    try {
      return await task();
    } finally {
      signal(daemon, "SIGCONT");
      if (!(await takesObjects(20_000))) {
        // Seen once of Ceph 16: its OSD went on, and let every request wait ("slow requests … delayed"), for good.
        await servers.stack.kill(daemon);
        await servers.stack.start(daemon);
        expect(await takesObjects(60_000)).toBe(true);
      }
    }
  }
  /** Whether an object can be put again, within some time: looking at the bucket would ask RGW alone. */
  async function takesObjects(withinMs: number): Promise<boolean> {
    const path = join(folder, "thawed");
    await Bun.write(path, "thawed");
    const small = { path, size: 6, sha256: digest(new TextEncoder().encode("thawed")) };
    for (const until = performance.now() + withinMs; performance.now() < until; await Bun.sleep(100))
      if ((await caught(store.put(`thawed/${newId()}`, small, never))) === "no error") return true;
    return false;
  }
  const hasBegun = async () => await eventually("the put has begun", async () => (await bucket.unfinished()) > 0);
  const read = async (key: string) => new Uint8Array(await new Response(await store.get(key, undefined, never)).arrayBuffer());
  const expectWhole = async (key: string) => expect(digest(await read(key))).toBe(source.sha256);

  test("an RGW killed in the middle of a put, and back: the put goes on", async () => {
    const key = `killed/${newId()}`;
    const patient = await openStore({ url: bucket.url({ ...impatient, idleTimeout: "60s" }), dataDir: folder });
    const putting = caught(patient.put(key, source, never));
    await hasBegun();
    await servers.stack.kill("rgw");
    await servers.stack.start("rgw");
    expect(await putting).toBe("no error");
    await patient.close();
    await expectWhole(key);
    // Killed before it could say that it had begun an upload, it was asked for another.
    await store.sweep(Date.now() + 3_600_000, never);
    expect(await bucket.unfinished()).toBe(0);
  });

  test.each(["rgw", "osd"])("a frozen %s: every call ends and says so, and works once it goes on", async (daemon) => {
    const key = `frozen/${newId()}`;
    const small = { ...source, path: join(folder, "small"), size: 10, sha256: digest(bytes.subarray(0, 10)) };
    await Bun.write(small.path, bytes.subarray(0, 10));
    await store.put(key, small, never);
    const other = `frozen/${newId()}`;
    const errors = await frozen(daemon, async () =>
      Promise.all(
        [
          store.put(other, source, never),
          store.put(`frozen/${newId()}`, small, never),
          store.get(key, undefined, never).then(async (body) => new Response(body).bytes()),
          store.head(key, never),
          store.delete(key, never),
          store.sweep(0, never),
        ].map(caught),
      ),
    );
    for (const error of errors) expect(error).toMatchObject({ code: "unavailable" });
    await store.put(other, source, never);
    await expectWhole(other);
    // What could not be aborted is there to be swept.
    await store.sweep(Date.now() + 3_600_000, never);
    expect(await bucket.unfinished()).toBe(0);
  });

  test.each(["rgw", "osd"])("an %s frozen in the middle of a put: it ends and leaves nothing visible", async (daemon) => {
    const key = `mid-put/${newId()}`;
    const putting = caught(store.put(key, source, never));
    await hasBegun();
    await frozen(daemon, async () => expect(await putting).toMatchObject({ code: "unavailable" }));
    expect(await store.head(key, never)).toBeNull();
    await store.sweep(Date.now() + 3_600_000, never);
    expect(await bucket.unfinished()).toBe(0);
  });

  test("a body that stops or breaks off is an error, never an early end", async () => {
    const key = `body/${newId()}`;
    await store.put(key, source, never);
    const begin = async () => {
      const body = await store.get(key, undefined, never);
      if (!(body instanceof ReadableStream)) throw new Error("it is no stream");
      const reader = body.getReader();
      await reader.read();
      return async () => {
        for (let piece = await reader.read(); !piece.done; piece = await reader.read());
      };
    };
    const stopping = await begin();
    await frozen("rgw", async () => expect(await caught(stopping())).toMatchObject({ name: "TimeoutError" }));
    const breaking = await begin();
    await servers.stack.kill("rgw");
    expect(await caught(breaking())).toMatchObject({ code: "ECONNRESET" });
    const calls = [store.head(key, never), store.get(key, undefined, never), store.check(never)].map(caught);
    for (const error of await Promise.all(calls)) expect(error).toMatchObject({ code: "unavailable", retryAfterSeconds: 5 });
    await servers.stack.start("rgw");
    await expectWhole(key);
  });

  test("a body whose reader is slow is waited for", async () => {
    const key = `slow/${newId()}`;
    await store.put(key, source, never);
    const body = await store.get(key, undefined, never);
    if (!(body instanceof ReadableStream)) throw new Error("it is no stream");
    const hasher = new Bun.CryptoHasher("sha256");
    let pieces = 0;
    for await (const piece of body) {
      hasher.update(piece);
      // Longer than what a body may stand still, whatever Bun's clock makes of it.
      if (++pieces === 3) await Bun.sleep(12_000);
    }
    expect(hasher.digest("hex")).toBe(source.sha256);
  });

  test("a body that is cancelled, or whose signal is aborted, leaves no connection behind", async () => {
    const key = `cancelled/${newId()}`;
    await store.put(key, source, never);
    const port = Number(new URL(servers.stack.s3.endpoint).port);
    const before = await eventually("connections are idle", async () => ({ count: await connectionsTo(port) }));
    const reason = new Error("aborted by the test");
    for (let i = 0; i < 20; i += 1) {
      const aborter = new AbortController();
      const body = await store.get(key, undefined, aborter.signal);
      if (!(body instanceof ReadableStream)) throw new Error("it is no stream");
      const reader = body.getReader();
      await reader.read();
      if (i % 2 === 0) await reader.cancel();
      else {
        aborter.abort(reason);
        // What has arrived already may still be read.
        const rest = async () => {
          for (;;) if ((await reader.read()).done) return;
        };
        expect(await caught(rest())).toBe(reason);
      }
    }
    await eventually("its connections are closed", async () => (await connectionsTo(port)) <= before.count + 2);
  });

  test("a process killed in the middle of a put leaves nothing visible, and what the sweep removes", async () => {
    const key = `process/${newId()}`;
    const child = await startChild({
      program: "test/support/put_file.ts",
      args: [key, source.path],
      env: { STORE_URL: bucket.url(impatient) },
      ready: /putting/,
    });
    await hasBegun();
    child.signal("SIGKILL");
    await child.exited;
    expect(child.output()).not.toContain("done");
    expect(await store.head(key, never)).toBeNull();
    expect(await bucket.unfinished()).toBe(1);
    expect(await store.sweep(Date.now() - 3_600_000, never)).toBe(0);
    expect(await store.sweep(Date.now() + 3_600_000, never)).toBe(1);
    expect(await bucket.unfinished()).toBe(0);
    await store.put(key, source, never);
    await expectWhole(key);
  });

  test.each([
    ["in parts", "5MiB"],
    ["in one piece", "128MiB"],
  ])("a bit that turns over on the way is found by the store: %s", async (_, partBytes) => {
    await using proxy = await startS3Proxy({ endpoint: servers.stack.s3.endpoint, turnsBit: true });
    const access = { ...servers.stack.s3, endpoint: `http://127.0.0.1:${proxy.port}` };
    const through = await openStore({ url: s3Url(access, bucket.name, { partBytes }), dataDir: folder });
    const key = `turned/${newId()}`;
    expect(await caught(through.put(key, source, never))).toMatchObject({ code: "checksum-mismatch" });
    expect(await through.head(key, never)).toBeNull();
    expect(await bucket.unfinished()).toBe(0);
    await through.close();
  });

  test("more unfinished puts than a page of the listing holds are swept", async () => {
    await Promise.all(Array.from({ length: 8 }, async () => leaveMany(130)));
    expect(await store.sweep(Date.now() + 3_600_000, never)).toBe(1040);
    expect(await bucket.unfinished()).toBe(0);
  });
  async function leaveMany(count: number): Promise<void> {
    for (let i = 0; i < count; i += 1) await bucket.leaveUnfinished();
  }

  test("a put of what is there already sends nothing", async () => {
    const key = `again/${newId()}`;
    await store.put(key, source, never);
    const before = await store.head(key, never);
    // The grain of a store's clock.
    await Bun.sleep(1100);
    await store.put(key, source, never);
    expect(await store.head(key, never)).toEqual(before);
  });

  test("speaks TLS to a store whose certificate is given, and to no other", async () => {
    const { ca, cert, key: secret } = await makeCertificate(folder);
    const tls = { cert: await readFile(cert, "utf8"), key: await readFile(secret, "utf8") };
    await using proxy = await startS3Proxy({ endpoint: servers.stack.s3.endpoint, tls });
    const access = { ...servers.stack.s3, endpoint: `https://localhost:${proxy.port}` };
    const distrusted = await caught(openStore({ url: s3Url(access, bucket.name), dataDir: folder }));
    expect(distrusted).toMatchObject({ code: "unavailable", message: expect.stringContaining("STORE_URL") });
    const parameters = { ...impatient, caFile: ca };
    const secure = await openStore({ url: s3Url(access, bucket.name, parameters), dataDir: folder });
    const key = `tls/${newId()}`;
    await secure.put(key, source, never);
    await expectWhole(key);
    const ranged = await secure.get(key, { offset: 7, length: 1000 }, never);
    expect(await new Response(ranged).bytes()).toEqual(new Uint8Array(bytes.subarray(7, 1007)));
    await secure.close();
  });

  test("signs URLs for the endpoint that clients reach", async () => {
    const key = `public/${newId()}`;
    await store.put(key, source, never);
    await using proxy = await startS3Proxy({ endpoint: servers.stack.s3.endpoint });
    const publicEndpoint = `http://127.0.0.1:${proxy.port}`;
    const open = await openStore({ url: bucket.url({ publicEndpoint }), dataDir: folder });
    const options = { expiresAt: Date.now() + 60_000, contentType: "text/plain", contentDisposition: "inline" };
    const url = (await open.signedUrl(key, options)) ?? "";
    expect(new URL(url).origin).toBe(publicEndpoint);
    const answer = await fetch(url, { headers: { range: "bytes=5-14" } });
    expect(answer.status).toBe(206);
    expect(await answer.bytes()).toEqual(new Uint8Array(bytes.subarray(5, 15)));
    const ended = (await open.signedUrl(key, { ...options, expiresAt: Date.now() - 1000 })) ?? "";
    await Bun.sleep(2100);
    expect((await fetch(ended)).status).toBe(403);
    await open.close();
  });

  describe("at the start", () => {
    const refusal = async (access: Partial<RealServers["stack"]["s3"]>, parameters: Record<string, string> = {}) => {
      const url = s3Url({ ...servers.stack.s3, ...access }, bucket.name, { answerTimeout: "1s", ...parameters });
      const error = await caught(openStore({ url, dataDir: folder }));
      expect(String(error)).toContain("STORE_URL");
      expect(Bun.inspect(error)).not.toContain(access.secretAccessKey ?? servers.stack.s3.secretAccessKey);
      return error;
    };

    test("a key that the store does not know", async () => {
      const error = await refusal({ accessKeyId: "NOBODY" });
      expect(error).toMatchObject({ code: "invalid-request", message: expect.stringContaining("InvalidAccessKeyId") });
    });

    test("a wrong secret", async () => {
      const error = await refusal({ secretAccessKey: "wrong/secret+with%signs" });
      expect(error).toMatchObject({ code: "invalid-request", message: expect.stringContaining("SignatureDoesNotMatch") });
    });

    test("a port at which nobody listens", async () => {
      expect(await refusal({ endpoint: "http://127.0.0.1:1" })).toMatchObject({ code: "unavailable" });
    });

    test("a host that has no address", async () => {
      expect(await refusal({ endpoint: "http://store.invalid:80" })).toMatchObject({ code: "unavailable" });
    });

    test("a frozen store", async () => {
      await frozen("rgw", async () => expect(await refusal({})).toMatchObject({ code: "unavailable" }));
    });

    test("a server that is no store", async () => {
      await using server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response("<html>nginx</html>") });
      expect(await refusal({ endpoint: `http://127.0.0.1:${server.port}` })).toMatchObject({ code: "invalid-request" });
    });

    test("a certificate file that is not there", async () => {
      const error = await refusal({}, { caFile: join(folder, "nothing.pem") });
      expect(error).toMatchObject({ code: "invalid-request", message: expect.stringContaining("ENOENT") });
    });

    test("a bucket that is missing where the key may not make one in that region", async () => {
      const url = s3Url({ ...servers.stack.s3, region: "mars-1" }, `sluice-${newId().toLowerCase()}`);
      const error = await caught(openStore({ url, dataDir: folder }));
      expect(error).toMatchObject({ code: "invalid-request", message: expect.stringContaining("region mars-1") });
    });
  });
});

/** How many connections this process has to a port of this machine. */
async function connectionsTo(port: number): Promise<number> {
  const own = new Set<string>();
  for (const fd of await readdir("/proc/self/fd")) {
    // One that was closed since it was listed is none of them.
    const target = await readlink(`/proc/self/fd/${fd}`).catch(() => "");
    const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1];
    if (inode !== undefined) own.add(inode);
  }
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const rows = (await readFile("/proc/net/tcp", "utf8")).split("\n").map((row) => row.trim().split(/\s+/));
  return rows.filter((row) => row[2]?.endsWith(suffix) === true && own.has(row[9] ?? "")).length;
}
