import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtemp, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { bytesOf } from "../support/client.ts";
import { faultsOf, type OpenApi, operationsOf } from "./openapi.ts";
import { expectCalled, routes } from "./routes.ts";
import { openTarget, problem, type Target } from "./target.ts";

setDefaultTimeout(300_000);

let target: Target;
beforeAll(async () => {
  target = await openTarget();
});
afterAll(async () => {
  await target[Symbol.asyncDispose]();
});

const read = async <T>(path: string) => (await (await target.fetch(path)).json()) as T;

test("says that it is alive", async () => {
  const answer = await target.fetch("/healthz");
  expect(answer.status).toBe(200);
  expect(answer.headers.get("content-type")).toMatch(/^application\/json/);
  expect(await answer.json()).toEqual({ ok: true });
});

test("says of each port whether it can be reached", async () => {
  const answer = await target.fetch("/readyz");
  expect(answer.status).toBe(200);
  const { ready, ports } = (await answer.json()) as { ready: boolean; ports: Record<string, { engine: string; ok: boolean }> };
  expect(ready).toBe(true);
  expect(Object.keys(ports).toSorted()).toEqual(["catalog", "progress", "queue", "store"]);
  for (const port of Object.values(ports)) expect(port).toMatchObject({ ok: true, engine: expect.stringMatching(/\S/) });
});

test("says it of each of several stores, and is ready while one of them is left", async () => {
  const root = await mkdtemp(join(tmpdir(), "sluice-ready-"));
  await using drive = await openTarget({ STORE_URL: "", STORES: `hot=file://${root}/hot,cold=file://${root}/cold` });
  const ready = async () => {
    const answer = await drive.fetch("/readyz");
    const { ready, ports } = (await answer.json()) as { ready: boolean; ports: Record<string, { ok: boolean; needed: boolean }> };
    expect(answer.status).toBe(ready ? 200 : 503);
    expect(Object.keys(ports).toSorted()).toEqual(["catalog", "progress", "queue", "store:cold", "store:hot"]);
    return { ready, cold: ports["store:cold"], hot: ports["store:hot"] };
  };
  expect(await ready()).toMatchObject({ ready: true, cold: { ok: true, needed: false }, hot: { ok: true, needed: false } });
  await rename(`${root}/hot`, `${root}/hot.away`);
  expect(await ready()).toMatchObject({ ready: true, cold: { ok: true }, hot: { ok: false } });
  const alice = await drive.signUp();
  expect(await alice.upload("a.bin", bytesOf(1000))).toMatchObject({ size: 1000 });
  await rename(`${root}/cold`, `${root}/cold.away`);
  expect(await ready()).toMatchObject({ ready: false, cold: { ok: false }, hot: { ok: false } });
  await rename(`${root}/hot.away`, `${root}/hot`);
  expect(await ready()).toMatchObject({ ready: true, cold: { ok: false }, hot: { ok: true } });
  await rm(root, { recursive: true });
});

/** What each gateway says of itself. */
async function scrapes({ gateways }: Target): Promise<string[]> {
  return await Promise.all(gateways.map(async (url) => await (await fetch(`${url}/metrics`)).text()));
}

function valuesOf(text: string, name: string): number[] {
  return [...text.matchAll(new RegExp(`^${name} (\\d+)`, "gm"))].map(([, value]) => Number(value));
}

test("counts requests by the pattern of their route, never by their path", async () => {
  const alice = await target.signUp();
  const { id } = await alice.upload("a.bin", bytesOf(1000));
  await alice.download(id);
  await alice.fetch(`/user/${alice.username}`);
  for (let i = 0; i < 5; i++) await target.fetch(`/nothing/${crypto.randomUUID()}`);
  const answer = await target.fetch("/metrics");
  expect(answer.status).toBe(200);
  expect(answer.headers.get("content-type")).toMatch(/^text\/plain/);
  const text = (await scrapes(target)).join("");
  // The text format of Prometheus: comments, and samples of `name{labels} value`.
  for (const line of text.trimEnd().split("\n")) {
    expect(line).toMatch(/^(#.*|[a-zA-Z_:][\w:]*(\{([a-zA-Z_]\w*="(\\.|[^"\\])*",?)*\})? (-?[\d.e+-]+|NaN|[+-]Inf))?$/);
  }
  const routesSeen = new Set([...text.matchAll(/^http_requests_total\{.*?route="([^"]*)"/gm)].map(([, route]) => route));
  expect(routesSeen).toContain("/file/download");
  expect([...routesSeen].some((route) => /^\/user\/[:{]/.test(route ?? ""))).toBe(true);
  for (const secret of [id, alice.username, "nothing/"]) expect(text).not.toContain(secret);
  for (const name of [
    "http_request_duration_seconds_bucket",
    "sluice_bytes_in_total",
    "sluice_bytes_out_total",
    "sluice_uploads_open",
  ]) {
    expect(text).toContain(name);
  }
  for (const name of ["sluice_bytes_in_total", "sluice_bytes_out_total"]) {
    expect(Math.max(...valuesOf(text, name))).toBeGreaterThanOrEqual(1000);
  }
});

test("tells how much the spool takes, and how many uploads are open", async () => {
  await using drive = await openTarget({ WORKERS: "sweep" });
  const alice = await drive.signUp();
  const values = async (name: string) => valuesOf((await scrapes(drive)).join(""), name);
  const spoolBytes = async () => (await values("sluice_spool_bytes")).reduce((sum, bytes) => sum + bytes, 0);
  expect([new Set(await values("sluice_uploads_open")), await spoolBytes()]).toEqual([new Set([0]), 0]);
  await alice.upload("a.bin", bytesOf(1_000_000));
  // An open upload's file is sparse: it takes what it has received.
  await alice.init({ name: "b.bin", size: 500_000_000 });
  expect(new Set(await values("sluice_uploads_open"))).toEqual(new Set([1]));
  const bytes = await spoolBytes();
  expect(bytes).toBeGreaterThanOrEqual(1_000_000);
  expect(bytes).toBeLessThan(2_000_000);
});

test("no strange method makes a metric of its own", async () => {
  for (const method of ["PATCH", "PROPFIND", "MKCOL", "SEARCH"])
    await target.fetch("/healthz", { method }).catch(() => undefined);
  const text = await (await target.fetch("/metrics")).text();
  const methods = new Set([...text.matchAll(/method="([^"]*)"/g)].map(([, method]) => method ?? ""));
  expect([...methods].filter((method) => !/^(GET|HEAD|POST|PUT|DELETE|PATCH|OPTIONS|TRACE|CONNECT|other)$/.test(method))).toEqual(
    [],
  );
});

test("its document is OpenAPI 3.1", async () => {
  const document = await read<OpenApi>("/openapi.json");
  expect(faultsOf(document)).toEqual([]);
});

test("its document says which operations need a token, as they do", async () => {
  const { paths } = await read<OpenApi>("/openapi.json");
  for (const [path, item] of Object.entries(paths)) {
    for (const [method, operation] of Object.entries(item)) {
      const needsToken =
        (operation.security ?? []).length > 0 && !(operation.security ?? []).some((s) => Object.keys(s).length === 0);
      const headers = method === "post" || method === "put" ? { "content-type": "application/json" } : {};
      const body = method === "post" || method === "put" ? { body: "{}" } : {};
      const answer = await target.fetch(path.replace("{username}", "somebody"), {
        method: method.toUpperCase(),
        headers,
        ...body,
      });
      await answer.body?.cancel();
      const mayBe401 = path === "/user/{username}" && method === "post";
      if (!mayBe401 && path !== "/file/download")
        expect([path, method, answer.status === 401]).toEqual([path, method, needsToken]);
    }
  }
});

test("its document and the acceptance tests know the same routes", async () => {
  const known: string[] = Object.entries(routes).flatMap(([suite, list]) => (suite === "pages" ? [] : [...list]));
  const listed = operationsOf(await read<OpenApi>("/openapi.json"));
  expect(listed.toSorted()).toEqual([...new Set(known.filter((route) => !route.startsWith("HEAD ")))].toSorted());
});

test("shows the document as a page that asks no other host and runs no script", async () => {
  const answer = await target.fetch("/docs");
  expect(answer.status).toBe(200);
  expect(answer.headers.get("content-type")).toMatch(/^text\/html/);
  const policy = answer.headers.get("content-security-policy") ?? "";
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toMatch(/script-src|unsafe-inline|https?:/);
  const page = await answer.text();
  expect(page).not.toMatch(/<script|\son\w+=|javascript:|style=|<style/i);
  expect(
    [...page.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, url]) => url).filter((url) => !/^[/#](?!\/)/.test(url ?? "")),
  ).toEqual([]);
  for (const route of [...routes.files, ...routes.chunked]) expect(page).toContain(`<code>${route.split(" ")[1]}</code>`);
  const style = await target.fetch("/docs.css");
  expect(style.headers.get("content-type")).toMatch(/^text\/css/);
  expect(await style.text()).not.toMatch(/@import|url\(/);
});

test("the page of errors is where a problem's `type` leads", async () => {
  const { type } = await problem(target.fetch("/file/query"), 401, "unauthorized");
  const [path = "", anchor = ""] = type.split("#");
  const answer = await target.fetch(path);
  expect(await answer.text()).toContain(`id="${anchor}"`);
});

test("the web client's page is the first one", async () => {
  const home = await target.fetch("/", { redirect: "manual" });
  expect([home.status, home.headers.get("location")]).toEqual([302, "/file/upload"]);
});

test.each(["/file/upload", "/s/k7m2p9xqw4tzh8"])("the page %s and what it loads come from here alone", async (path) => {
  const answer = await target.fetch(path);
  const policy = answer.headers.get("content-security-policy") ?? "";
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toContain("unsafe-inline");
  const page = await answer.text();
  const urls = [...page.matchAll(/(?:src|href)="([^"#]+)"/g)].map(([, url]) => url ?? "");
  expect(urls.length).toBeGreaterThan(0);
  for (const url of urls) {
    expect(url).toMatch(/^(\/(?!\/)|data:)/);
    if (!url.startsWith("/assets/")) continue;
    const asset = await target.fetch(url);
    expect(asset.status).toBe(200);
    expect(asset.headers.get("cache-control")).toContain("immutable");
    expect((await asset.bytes()).byteLength).toBeGreaterThan(0);
  }
  await problem(target.fetch("/assets/nothing.js"), 404, "not-found");
  await problem(target.fetch("/assets/..%2Fpackage.json"), 404, "not-found");
});

test("asks for every route of the system, and gets only answers that the document lists", async () => {
  await expectCalled(target, "system", "pages");
});
