import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { newId } from "#lib/id/mod.ts";
import { openStore, type PutSource, type Store } from "#lib/store/mod.ts";

import { eventually } from "../contract/eventually.ts";
import { startChild } from "../support/child.ts";
import { ossAccount, type OssBucket, ossRegion, ossUrl, startOssBucket } from "../support/oss_bucket.ts";
import { startOssProcess } from "../support/oss_process.ts";

setDefaultTimeout(300_000);

const mebibyte = 2 ** 20;
const never = new AbortController().signal;
const digest = (bytes: Uint8Array) => new Bun.CryptoHasher("sha256").update(bytes).digest("hex");
/** Short times, so that what waits half a minute in production shows in a test; small parts, so that there are many. */
const impatient = { answerTimeout: "1s", idleTimeout: "1s", partBytes: "1MiB" };
const patient = { ...impatient, idleTimeout: "60s" };
const caught = async (work: Promise<unknown>): Promise<unknown> =>
  await work.then(
    () => "no error",
    (error: unknown) => error,
  );

describe("oss", () => {
  let bucket: OssBucket;
  let folder: string;
  let store: Store;
  const bytes = randomBytes(12 * mebibyte + 5);
  const parts = 13;
  let source: PutSource;
  let small: PutSource;

  const newSource = async (bytes: Uint8Array): Promise<PutSource> => {
    const path = join(folder, newId());
    await Bun.write(path, bytes);
    return { path, size: bytes.byteLength, sha256: digest(bytes) };
  };
  beforeAll(async () => {
    bucket = await startOssBucket();
    folder = await mkdtemp(join(tmpdir(), "sluice-oss-sources-"));
    source = await newSource(bytes);
    small = await newSource(bytes.subarray(0, 10));
    store = await openStore({ url: bucket.url(impatient), dataDir: folder });
  });
  afterEach(async () => {
    bucket.server.faults.clear();
    await store.sweep(Date.now() + 3_600_000, never);
    expect(await bucket.unfinished()).toBe(0);
  });
  afterAll(async () => {
    await store.close();
    await rm(folder, { recursive: true });
    await bucket[Symbol.asyncDispose]();
  });

  const open = async (parameters: Record<string, string>) => openStore({ url: bucket.url(parameters), dataDir: folder });
  const read = async (key: string) => new Uint8Array(await new Response(await store.get(key, undefined, never)).arrayBuffer());
  const expectWhole = async (key: string, sha256 = source.sha256) => expect(digest(await read(key))).toBe(sha256);
  const uploadOf = async (key: string) =>
    (await bucket.server.bucket(bucket.name).uploads.all()).find((each) => each.key === key);
  const heldOf = async (key: string) => {
    const upload = await uploadOf(key);
    return upload === undefined
      ? []
      : (await bucket.server.bucket(bucket.name).uploads.parts(upload.id)).map(({ number }) => number);
  };
  /** The numbers of the parts that the server was sent since and took, in order: one of an aborted put may come in late, and broken. */
  const sentSince = (from: number) =>
    bucket.server.seen
      .slice(from)
      .flatMap(({ method, url, status }) =>
        method === "PUT" && status === 200 ? [Number(/partNumber=(\d+)/.exec(url)?.[1])] : [],
      )
      .toSorted((a, b) => a - b);
  const numbers = Array.from({ length: parts }, (_, at) => at + 1);

  describe("a put that is broken off is gone on with", () => {
    /** Puts in a process of its own, kills it when `more` parts are there, and gives the numbers of all that are. */
    const killedAfter = async (key: string, more: number) => {
      const held = (await heldOf(key)).length + more;
      bucket.server.faults.add({ method: "PUT", url: `${key}.*partNumber`, skip: more, times: Infinity, hang: true });
      // With all parts there it goes on to complete them, and might do so before the signal finds it.
      bucket.server.faults.add({ method: "POST", url: `${key}.*uploadId`, times: Infinity, hang: true });
      const child = await startChild({
        program: "test/support/put_file.ts",
        args: [key, source.path],
        env: { STORE_URL: bucket.url(patient) },
        ready: /putting/,
      });
      await eventually(`${held} parts are there`, async () => (await heldOf(key)).length === held, 60_000);
      child.signal("SIGKILL");
      await child.exited;
      expect(child.output()).not.toContain("done");
      bucket.server.faults.clear();
      return await heldOf(key);
    };

    test("after its process was killed between parts: none of them is sent again", async () => {
      const key = `killed/${newId()}`;
      const held = await killedAfter(key, 5);
      expect(held).toHaveLength(5);
      expect(await store.head(key, never)).toBeNull();
      const from = bucket.server.seen.length;
      await store.put(key, source, never);
      expect(sentSince(from)).toEqual(numbers.filter((number) => !held.includes(number)));
      await expectWhole(key);
      expect(await bucket.unfinished()).toBe(0);
    });

    test("after it was killed with all parts there: only completing is left", async () => {
      const key = `killed/${newId()}`;
      expect(await killedAfter(key, parts)).toEqual(numbers);
      const from = bucket.server.seen.length;
      await store.put(key, source, never);
      expect(sentSince(from)).toEqual([]);
      await expectWhole(key);
    });

    test("twice, and by parts of another size: those are sent again", async () => {
      const key = `killed/${newId()}`;
      await killedAfter(key, 3);
      expect(await killedAfter(key, 7)).toHaveLength(10);
      const other = await open({ ...impatient, partBytes: "2MiB" });
      await other.put(key, source, never);
      await expectWhole(key);
    });

    test("after it was stopped: a signal leaves the parts to the next put", async () => {
      const key = `stopped/${newId()}`;
      bucket.server.faults.add({ method: "PUT", url: "partNumber", skip: 4, times: Infinity, hang: true });
      const stop = new AbortController();
      const putting = caught(store.put(key, source, stop.signal));
      await eventually("4 parts are there", async () => (await heldOf(key)).length === 4);
      const reason = new Error("stopped by the test");
      stop.abort(reason);
      expect(await putting).toBe(reason);
      bucket.server.faults.clear();
      const from = bucket.server.seen.length;
      await store.put(key, source, never);
      expect(sentSince(from)).toHaveLength(parts - 4);
      await expectWhole(key);
    });

    test("after the store failed for longer than it was waited for", async () => {
      const key = `failed/${newId()}`;
      bucket.server.faults.add({ method: "PUT", url: "partNumber", skip: 6, times: Infinity, status: 500 });
      expect(await caught(store.put(key, source, never))).toMatchObject({ code: "unavailable" });
      const held = await heldOf(key);
      expect(held).toHaveLength(6);
      bucket.server.faults.clear();
      const from = bucket.server.seen.length;
      await store.put(key, source, never);
      expect(sentSince(from)).toEqual(numbers.filter((number) => !held.includes(number)));
      await expectWhole(key);
    });

    test("but not with parts of other bytes, be they of the same size", async () => {
      const key = `other/${newId()}`;
      const other = await newSource(Buffer.concat([randomBytes(3 * mebibyte), bytes.subarray(3 * mebibyte)]));
      bucket.server.faults.add({ method: "PUT", url: "partNumber", skip: 10, times: Infinity, status: 500 });
      expect(await caught(store.put(key, other, never))).toMatchObject({ code: "unavailable" });
      const held = await heldOf(key);
      bucket.server.faults.clear();
      const from = bucket.server.seen.length;
      // The object would be known by the other's SHA-256: it is removed, and the next put begins anew.
      expect(await caught(store.put(key, source, never))).toMatchObject({ code: "checksum-mismatch" });
      expect(sentSince(from)).toEqual(numbers.filter((number) => number <= 3 || !held.includes(number)));
      expect(await store.head(key, never)).toBeNull();
      await store.put(key, source, never);
      await expectWhole(key);
    });

    test("anew, where its upload ended under it", async () => {
      const key = `swept/${newId()}`;
      bucket.server.faults.add({ method: "PUT", url: "partNumber=9", delayMs: 500 });
      const putting = caught(store.put(key, source, never));
      const upload = await eventually("an upload is open", async () => uploadOf(key));
      await bucket.server.bucket(bucket.name).uploads.end(upload.id);
      expect(await putting).toBe("no error");
      await expectWhole(key);
    });
  });

  test("refusals that pass are ridden out, also in the middle of a file that is sent", async () => {
    for (const status of [500, 502, 503, 429]) bucket.server.faults.add({ method: "PUT|POST", skip: 1, times: 2, status });
    const key = `passing/${newId()}`;
    const waiting = await open({ ...impatient, idleTimeout: "30s" });
    await waiting.put(key, source, never);
    await expectWhole(key);
    for (const status of [500, 503]) bucket.server.faults.add({ method: "GET|HEAD|DELETE", status });
    expect((await store.head(key, never))?.size).toBe(source.size);
    await expectWhole(key);
    await store.delete(key, never);
  });

  test("an outage ends every call, and says so", async () => {
    const key = `outage/${newId()}`;
    await store.put(key, small, never);
    for (const fault of [{ status: 503 }, { hang: true }]) {
      bucket.server.faults.add({ times: Infinity, ...fault });
      const errors = await Promise.all(
        [
          store.put(`outage/${newId()}`, source, never),
          store.put(`outage/${newId()}`, small, never),
          store.get(key, undefined, never),
          store.head(key, never),
          store.delete(key, never),
          store.sweep(0, never),
          store.check(never),
        ].map(caught),
      );
      for (const error of errors) expect(error).toMatchObject({ code: "unavailable", retryAfterSeconds: 5 });
      bucket.server.faults.clear();
    }
    expect(await read(key)).toEqual(new Uint8Array(bytes.subarray(0, 10)));
  });

  test("a body that is slow but goes on is waited for, either way", async () => {
    const key = `slow/${newId()}`;
    // 24 pauses of 100 ms each: longer than an answer may take, and than a body may stand still.
    const bytes = randomBytes(24 * 2 ** 16);
    const slow = await newSource(bytes);
    bucket.server.faults.add({ method: "PUT", pauseMs: 100 });
    const whole = await open({ ...impatient, partBytes: "16MiB" });
    await whole.put(key, slow, never);
    bucket.server.faults.add({ method: "GET", pauseMs: 100 });
    await expectWhole(key, slow.sha256);
  });

  test("a body that breaks off is an error, never an early end; a small one is asked for again", async () => {
    const key = `cut/${newId()}`;
    await store.put(key, source, never);
    bucket.server.faults.add({ method: "GET", cutAfter: 5 * mebibyte });
    expect(await caught(read(key))).toMatchObject({ code: "ECONNRESET" });
    await expectWhole(key);
    const other = `cut/${newId()}`;
    await store.put(other, small, never);
    bucket.server.faults.add({ method: "PUT", url: "cut", dropAnswer: true });
    await store.put(`cut/${newId()}`, small, never);
  });

  test("answers that are lost: what was done is not taken for a failure", async () => {
    const key = `lost/${newId()}`;
    bucket.server.faults.add({ method: "POST", url: "uploadId", dropAnswer: true });
    await store.put(key, source, never);
    await expectWhole(key);
    bucket.server.faults.add({ method: "PUT", url: "partNumber=2&", dropAnswer: true, times: 2 });
    await store.put(`lost/${newId()}`, source, never);
    bucket.server.faults.add({ method: "DELETE", dropAnswer: true });
    await store.delete(key, never);
    expect(await store.head(key, never)).toBeNull();
  });

  test.each([
    ["in parts", "1MiB"],
    ["in one piece", "16MiB"],
  ])("a bit that turns over on the way is found: %s", async (_, partBytes) => {
    const key = `turned/${newId()}`;
    const other = await open({ ...impatient, partBytes });
    bucket.server.faults.add({ method: "PUT", damage: true, skip: partBytes === "1MiB" ? 3 : 0 });
    expect(await caught(other.put(key, source, never))).toMatchObject({ code: "checksum-mismatch" });
    expect(await store.head(key, never)).toBeNull();
    expect(await bucket.unfinished()).toBe(0);
  });

  test("an object whose CRC-64 is another is removed", async () => {
    const key = `held/${newId()}`;
    bucket.server.faults.add({ method: "HEAD", url: "held", skip: 1, crc64: "1" });
    expect(await caught(store.put(key, source, never))).toMatchObject({
      code: "checksum-mismatch",
      message: expect.stringContaining("CRC-64 1, must hold"),
    });
    expect(await store.head(key, never)).toBeNull();
  });

  test("a file whose bytes are not those announced is refused in parts too, and nothing is left", async () => {
    const key = `announced/${newId()}`;
    expect(await caught(store.put(key, { ...source, sha256: digest(randomBytes(1)) }, never))).toMatchObject({
      code: "checksum-mismatch",
    });
    expect(await store.head(key, never)).toBeNull();
    expect(await bucket.unfinished()).toBe(0);
  });

  test("no more than `parallel` parts are under way at once", async () => {
    const key = `parallel/${newId()}`;
    bucket.server.faults.add({ method: "PUT", url: key, times: Infinity, delayMs: 20 });
    const two = await open({ ...impatient, parallel: "2" });
    let most = 0;
    const looking = setInterval(() => {
      most = Math.max(most, bucket.server.seen.filter(({ status, url }) => status === 0 && url.includes(key)).length);
    }, 1);
    await two.put(key, source, never);
    clearInterval(looking);
    expect(most).toBe(2);
  });

  test("what is there already is not sent again", async () => {
    const key = `again/${newId()}`;
    await store.put(key, source, never);
    const from = bucket.server.seen.length;
    await store.put(key, source, never);
    expect(bucket.server.seen.slice(from).map(({ method }) => method)).toEqual(["HEAD"]);
  });

  test("a bucket that goes away is an outage, not an object that is not there", async () => {
    await using other = await startOssBucket();
    const open = await openStore({ url: other.url(impatient), dataDir: folder });
    await open.put("a", small, never);
    await other.server.removeBucket(other.name);
    const calls = [open.head("a", never), open.get("a", undefined, never), open.put("b", small, never), open.check(never)];
    for (const error of await Promise.all(calls.map(caught))) {
      expect(error).toMatchObject({ code: "unavailable", message: expect.stringContaining("NoSuchBucket") });
    }
  });

  test("more unfinished puts than a page of the listing holds are swept; more parts than a page holds are found", async () => {
    // Nothing stands still here, and a thousand answers of a busy machine take their time.
    const tiny = await open({ answerTimeout: "60s", idleTimeout: "60s", partBytes: "100KiB", parallel: "16" });
    for (let i = 0; i < 1040; i += 1) await bucket.leaveUnfinished();
    expect(await tiny.sweep(Date.now() - 3_600_000, never)).toBe(0);
    expect(await tiny.sweep(Date.now() + 3_600_000, never)).toBe(1040);
    const many = await newSource(randomBytes(1100 * 102_400));
    const key = `many/${newId()}`;
    bucket.server.faults.add({ method: "PUT", url: "partNumber", skip: 1050, times: Infinity, status: 500 });
    expect(await caught(tiny.put(key, many, never))).toMatchObject({ code: "unavailable" });
    bucket.server.faults.clear();
    const from = bucket.server.seen.length;
    await tiny.put(key, many, never);
    expect(sentSince(from)).toHaveLength(50);
    await expectWhole(key, many.sha256);
  });

  describe("signed URLs", () => {
    const options = {
      expiresAt: Date.now() + 600_000,
      contentType: "text/plain",
      contentDisposition: 'attachment; filename="a b.txt"',
    };

    test.each(["v1", "v4"])("are for the endpoint that clients reach, while the drive asks another: %s", async (signature) => {
      const parameters = { ...impatient, signature, internal: `http://localhost:${bucket.server.port}` };
      const open = await openStore({ url: ossUrl(1, bucket.name, parameters), dataDir: folder });
      const key = `public/${newId()}`;
      await open.put(key, small, never);
      const url = (await open.signedUrl(key, options)) ?? "";
      expect(new URL(url).origin).toBe("http://localhost:1");
      // Neither signature is of the host.
      const here = url.replace("localhost:1", `localhost:${bucket.server.port}`);
      const answer = await fetch(here, { headers: { range: "bytes=5-7" } });
      expect([answer.status, answer.headers.get("content-disposition")]).toEqual([206, options.contentDisposition]);
      expect(await answer.bytes()).toEqual(new Uint8Array(bytes.subarray(5, 8)));
      expect((await fetch(here.replace("plain", "html"))).status).toBe(403);
      expect((await fetch(here.replace(key, `${key}x`))).status).toBe(403);
    });

    test.each(["v1", "v4"])("end: %s", async (signature) => {
      const open = await openStore({ url: bucket.url({ ...impatient, signature }), dataDir: folder });
      const key = `ended/${newId()}`;
      await open.put(key, small, never);
      const url = (await open.signedUrl(key, { ...options, expiresAt: Date.now() - 1000 })) ?? "";
      await eventually("it has ended", async () => (await fetch(url)).status === 403);
    });
  });

  describe("temporary credentials", () => {
    const [one, two] = [1, 2].map((n) => ({
      accessKeyId: `STS.${n}`,
      accessKeySecret: `brief${n}`,
      securityToken: `token/${n}+`,
    }));

    test.each(["v1", "v4"])("put, get and sign with their token: %s", async (signature) => {
      if (one === undefined || two === undefined) throw new Error("no accounts");
      await using other = await startOssBucket({ accounts: [one] });
      const url = new URL(other.url({ ...impatient, signature, securityToken: one.securityToken }).slice("oss:".length));
      [url.username, url.password] = [one.accessKeyId, one.accessKeySecret];
      const open = await openStore({ url: `oss:${url.href}`, dataDir: folder });
      await open.put("a", source, never);
      const signed =
        (await open.signedUrl("a", { expiresAt: Date.now() + 60_000, contentType: "a/b", contentDisposition: "inline" })) ?? "";
      expect(digest(await (await fetch(signed)).bytes())).toBe(source.sha256);
      url.searchParams.set("securityToken", "wrong");
      expect(await caught(openStore({ url: `oss:${url.href}`, dataDir: folder }))).toMatchObject({ code: "invalid-request" });
    });

    test("in a file are renewed while the drive runs", async () => {
      if (one === undefined || two === undefined) throw new Error("no accounts");
      const accounts = [one];
      await using other = await startOssBucket({ accounts });
      const path = join(folder, "sts.json");
      const write = async ({ accessKeyId, accessKeySecret, securityToken }: typeof one) =>
        Bun.write(
          path,
          JSON.stringify({ AccessKeyId: accessKeyId, AccessKeySecret: accessKeySecret, SecurityToken: securityToken }),
        );
      await write(one);
      const url = new URL(other.url({ ...impatient, credentialsFile: path }).slice("oss:".length));
      [url.username, url.password] = ["", ""];
      const open = await openStore({ url: `oss:${url.href}`, dataDir: folder });
      await open.put("a", small, never);
      accounts.splice(0, 1, two);
      expect(await caught(open.put("b", small, never))).toMatchObject({ code: "unavailable" });
      await write(two);
      await eventually("the new ones are used", async () => (await caught(open.put("b", small, never))) === "no error", 30_000);
    });
  });

  describe("at the start", () => {
    const refusal = async (url: string) => {
      const error = await caught(openStore({ url, dataDir: folder }));
      expect(String(error)).toContain("STORE_URL");
      expect(Bun.inspect(error)).not.toContain(ossAccount.accessKeySecret);
      expect(Bun.inspect(error)).not.toContain(encodeURIComponent(ossAccount.accessKeySecret));
      return error;
    };
    const wrong = (message: string) => ({ code: "invalid-request", message: expect.stringContaining(message) });
    const swapped = (from: string, to: string) => bucket.url(impatient).replace(encodeURIComponent(from), encodeURIComponent(to));

    test("a key that the store does not know", async () => {
      expect(await refusal(swapped(ossAccount.accessKeyId, "NOBODY"))).toMatchObject(wrong("InvalidAccessKeyId"));
    });

    test("a wrong secret", async () => {
      expect(await refusal(swapped(ossAccount.accessKeySecret, "wrong/secret"))).toMatchObject(wrong("SignatureDoesNotMatch"));
    });

    test("a bucket that is not there: it is not made", async () => {
      expect(await refusal(ossUrl(bucket.server.port, "no-such-bucket", impatient))).toMatchObject(
        wrong("the bucket is missing"),
      );
    });

    test("another region", async () => {
      expect(await refusal(bucket.url({ ...impatient, region: `${ossRegion}-2` }))).toMatchObject(wrong("InvalidArgument"));
    });

    test("a clock that is wrong", async () => {
      await using ahead = await startOssBucket({ clockAheadMs: 16 * 60_000 });
      for (const signature of ["v1", "v4"]) {
        expect(await refusal(ahead.url({ ...impatient, signature }))).toMatchObject(wrong("this machine's clock"));
      }
    });

    test("a port at which nobody listens, a host that has no address", async () => {
      expect(await refusal(ossUrl(1, bucket.name, impatient))).toMatchObject({ code: "unavailable" });
      const nowhere = ossUrl(80, bucket.name, impatient).replace("localhost", "store.invalid");
      expect(await refusal(nowhere)).toMatchObject({ code: "unavailable" });
    });

    test("a server that is no store", async () => {
      await using server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response("<html><p>nginx</p></html>") });
      expect(await refusal(ossUrl(server.port ?? 0, bucket.name, impatient))).toMatchObject(wrong("is no OSS"));
    });

    test("a certificate file that is not there", async () => {
      expect(await refusal(bucket.url({ caFile: join(folder, "nothing.pem") }))).toMatchObject(wrong("ENOENT"));
    });
  });
});

describe("oss in a process of its own", () => {
  test("killed in the middle of a put, and back: the put goes on; frozen: every call ends", async () => {
    const folder = await mkdtemp(join(tmpdir(), "sluice-oss-sources-"));
    await using server = await startOssProcess();
    const bytes = randomBytes(48 * mebibyte);
    const source = { path: join(folder, "source"), size: bytes.byteLength, sha256: digest(bytes) };
    await Bun.write(source.path, bytes);
    const store = await openStore({ url: server.url(patient), dataDir: folder });
    const putting = caught(store.put("a", source, never));
    await server.hasPart();
    await server.kill();
    expect(await caught(store.head("a", never))).toMatchObject({ code: "unavailable" });
    await server.start();
    expect(await putting).toBe("no error");
    expect(digest(await new Response(await store.get("a", undefined, never)).bytes())).toBe(source.sha256);

    const hasty = await openStore({ url: server.url(impatient), dataDir: folder });
    const body = await hasty.get("a", undefined, never);
    if (!(body instanceof ReadableStream)) throw new Error("it is no stream");
    const reader = body.getReader();
    await reader.read();
    server.signal("SIGSTOP");
    const rest = async () => {
      for (let piece = await reader.read(); !piece.done; piece = await reader.read());
    };
    const calls = [hasty.put("b", source, never), hasty.head("a", never), hasty.delete("a", never), hasty.check(never)];
    for (const error of await Promise.all(calls.map(caught))) expect(error).toMatchObject({ code: "unavailable" });
    expect(await caught(rest())).toMatchObject({ name: "TimeoutError" });
    server.signal("SIGCONT");
    await eventually("it works again", async () => (await caught(hasty.put("b", source, never))) === "no error", 60_000);
    await rm(folder, { recursive: true });
  });
});
