import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { file, type Source, startSource, status } from "../../test/support/source_server.ts";
import { createRemote, type RemoteOptions } from "./remote.ts";

setDefaultTimeout(300_000);

let source: Source;
beforeAll(async () => {
  source = await startSource();
});
afterAll(async () => await source[Symbol.asyncDispose]());

const never = new AbortController().signal;
const hello = new TextEncoder().encode("hello");

/** A remote that may ask the source, and whose names are as a test says; each look-up takes the next of the answers. */
function remote(answers: string[][], options: Partial<RemoteOptions> = {}) {
  const looked: string[] = [];
  const lookup = async (name: string) => {
    looked.push(name);
    return answers[Math.min(looked.length, answers.length) - 1] ?? [];
  };
  const limits = { connectMs: 2000, idleMs: 2000 };
  const made = createRemote({ allow: ["127.0.0.1"], ports: [source.port], ...limits, lookup, ...options });
  return { ...made, looked, url: (path: string, host = "files.test") => made.parse(`http://${host}:${source.port}${path}`) };
}

async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  return Buffer.concat(await Array.fromAsync(body)).toString();
}

test("a name is looked up once, and the address that was checked is the one that is asked", async () => {
  source.serve("/a", file(hello));
  // Were it looked up again to connect, it would lead elsewhere.
  const { open, url, looked } = remote([["127.0.0.1"], ["127.0.0.9"]]);
  using answer = await open(url("/a"), {}, never);
  expect(await textOf(answer.body)).toBe("hello");
  expect(looked).toEqual(["files.test"]);
  expect(source.requests.at(-1)?.headers["host"]).toBe(`files.test:${source.port}`);
});

test("a name that led outside when it was checked, and inside when it was asked, is refused", async () => {
  const before = source.requests.length;
  const { open, check } = remote([["93.184.216.34"], ["127.0.0.1"]], { allow: [] });
  const url = await check(`http://files.test:${source.port}/a`, never);
  await expect(open(url, {}, never)).rejects.toMatchObject({ code: "url-refused" });
  expect(source.requests).toHaveLength(before);
});

test.each(["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "::ffff:127.0.0.1", "fe80::1%lo", "fd00::1"])(
  "a name that leads to %s alone is refused before anybody is asked",
  async (address) => {
    const { check } = remote([[address]], { allow: [] });
    await expect(check("http://inside.test/", never)).rejects.toMatchObject({ code: "url-refused" });
  },
);

test("of a name that leads both ways only the addresses outside are asked", async () => {
  source.serve("/both", file(hello));
  const { open, url } = remote([["10.0.0.1", "::1", "127.0.0.1"]], { allow: ["127.0.0.1"] });
  using answer = await open(url("/both"), {}, never);
  expect(await textOf(answer.body)).toBe("hello");
});

test("the next address is asked where one is not there", async () => {
  source.serve("/next", file(hello));
  const { open, url } = remote([["127.0.0.7", "127.0.0.1"]], { allow: ["127.0.0.0/8"] });
  using answer = await open(url("/next"), {}, never);
  expect(answer.status).toBe(200);
});

test("each redirect is looked up and checked anew", async () => {
  source.serve("/away", status("302 Found", { location: `http://inside.test:${source.port}/secret` }));
  source.serve("/secret", file(hello));
  const { open, url, looked } = remote([["127.0.0.1"], ["127.0.0.2"]]);
  await expect(open(url("/away"), {}, never)).rejects.toMatchObject({ code: "url-refused" });
  expect(looked).toEqual(["files.test", "inside.test"]);
  expect(source.requests.some(({ path }) => path === "/secret")).toBe(false);
});

test("a name server that does not answer is waited for no longer than a server", async () => {
  const silent = remote([], { connectMs: 100, lookup: () => new Promise(() => {}) });
  await expect(silent.open(silent.url("/"), {}, never)).rejects.toMatchObject({ code: "source-failed" });
});

test("a name that is not found may be another time", async () => {
  const { open, parse } = createRemote({ allow: [], ports: [], connectMs: 2000, idleMs: 2000 });
  await expect(open(parse("http://nowhere.invalid/"), {}, never)).rejects.toMatchObject({ code: "source-failed" });
});

test("a proxy of the environment is not asked", async () => {
  source.serve("/direct", file(hello));
  const program = `
    import { createRemote } from "#lib/remote/mod.ts";
    const remote = createRemote({ allow: ["127.0.0.1"], ports: [${source.port}], connectMs: 2000, idleMs: 2000 });
    using answer = await remote.open(remote.parse("http://127.0.0.1:${source.port}/direct"), {}, new AbortController().signal);
    process.stdout.write(Buffer.concat(await Array.fromAsync(answer.body)));`;
  const proxy = "http://127.0.0.1:1";
  const env = { ...process.env, HTTP_PROXY: proxy, http_proxy: proxy, HTTPS_PROXY: proxy, ALL_PROXY: proxy, NO_PROXY: "" };
  const child = Bun.spawn([process.execPath, "-e", program], { cwd: join(import.meta.dir, "../.."), env, stdout: "pipe" });
  expect(await child.stdout.text()).toBe("hello");
});

test("an answer that is not read is let go", async () => {
  source.serve("/unread", file(new Uint8Array(50_000_000)));
  const { open, url } = remote([["127.0.0.1"]]);
  {
    using answer = await open(url("/unread"), {}, never);
    expect(answer.status).toBe(200);
  }
  const request = source.requests.at(-1);
  while (!request?.gone.aborted) await Bun.sleep(5);
});

test("an abort ends what is awaited", async () => {
  source.serve("/hangs", () => {});
  const { open, url } = remote([["127.0.0.1"]], { idleMs: 60_000 });
  const abort = new AbortController();
  const opening = open(url("/hangs"), {}, abort.signal);
  while (!source.requests.some(({ path }) => path === "/hangs")) await Bun.sleep(5);
  abort.abort(new Error("enough"));
  await expect(opening).rejects.toThrow("enough");
});

test("a server is known by the certificate for the name, and a wrong one is final", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sluice-tls-"));
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const made = Bun.spawnSync(
    `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=files.test -addext subjectAltName=DNS:files.test -keyout ${key} -out ${cert}`.split(
      " ",
    ),
  );
  expect(made.exitCode).toBe(0);
  const tls = { key: await readFile(key, "utf8"), cert: await readFile(cert, "utf8") };
  await rm(folder, { recursive: true });
  const server = Bun.serve({ port: 0, hostname: "127.0.0.1", tls, fetch: (request) => new Response(new URL(request.url).host) });
  try {
    const port = server.port ?? 0;
    const ports = [port];
    const trusting = remote([["127.0.0.1"]], { ports, ca: tls.cert });
    using answer = await trusting.open(trusting.parse(`https://files.test:${port}/`), {}, never);
    expect(await textOf(answer.body)).toBe(`files.test:${port}`);
    const other = trusting.open(trusting.parse(`https://other.test:${port}/`), {}, never);
    await expect(other).rejects.toMatchObject({ code: "source-refused" });
    const byAddress = trusting.open(trusting.parse(`https://127.0.0.1:${port}/`), {}, never);
    await expect(byAddress).rejects.toMatchObject({ code: "source-refused" });
    const strict = remote([["127.0.0.1"]], { ports });
    await expect(strict.open(strict.parse(`https://files.test:${port}/`), {}, never)).rejects.toMatchObject({
      code: "source-refused",
    });
  } finally {
    await server.stop(true);
  }
});
