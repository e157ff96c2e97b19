import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { isAppError } from "../errors/mod.ts";
import { parseConfig } from "./parse.ts";

function refusal(env: Record<string, string>): string {
  try {
    parseConfig(env);
    return "";
  } catch (error) {
    if (isAppError(error, "invalid-request")) return error.message;
    throw error;
  }
}

test("nothing set is a whole configuration", () => {
  expect(parseConfig({})).toMatchObject({
    PORT: 8080,
    UPLOAD_TTL: 24 * 3_600_000,
    TOKEN_TTL: 15 * 60_000,
    FILE_MAX_BYTES: 5 * 2 ** 40,
    USER_QUOTA_BYTES: 0,
    WORKERS: ["merge", "push", "purge", "sweep", "probe", "fetch", "copy"],
    TRUSTED_PROXIES: [],
  });
});

test("an empty variable counts as not set, and a strange one is passed over", () => {
  expect(parseConfig({ PORT: "", UPLOAD_TTL: "", STRANGE: "x" })).toEqual(parseConfig({}));
});

test.each([
  ["500ms", 500],
  ["30s", 30_000],
  ["15m", 900_000],
  ["24h", 86_400_000],
  ["7d", 604_800_000],
  ["1.5h", 5_400_000],
  ["60", 60_000],
  [" 2s ", 2000],
  ["0", 0],
])("the duration %s is %i ms", (text, ms) => expect(parseConfig({ UPLOAD_TTL: text }).UPLOAD_TTL).toBe(ms));

test.each([
  ["0", 0],
  ["1048576", 1_048_576],
  ["64MiB", 67_108_864],
  ["64 mib", 67_108_864],
  ["10GB", 10_000_000_000],
  ["1.5k", 1500],
  ["5TiB", 5_497_558_138_880],
  ["7B", 7],
])("the size %s is %i bytes", (text, bytes) => expect(parseConfig({ FILE_MAX_BYTES: text }).FILE_MAX_BYTES).toBe(bytes));

test.each([
  { UPLOAD_TTL: "soon" },
  { UPLOAD_TTL: "-1s" },
  { UPLOAD_TTL: "1 s" },
  { UPLOAD_TTL: "1y" },
  { FILE_MAX_BYTES: "many" },
  { FILE_MAX_BYTES: "-1" },
  { FILE_MAX_BYTES: "1PiB" },
  { FILE_MAX_BYTES: "99999999999TiB" },
  { PORT: "http" },
  { PORT: "65536" },
  { PORT: "80.5" },
  { WORKER_CONCURRENCY: "0" },
  { NODE_ID: "a b" },
  { NODE_ID: "any" },
  { NODE_ID: "x".repeat(27) },
  { LOG_LEVEL: "loud" },
  { PUBLIC_URL: "ftp://x" },
  { REDIS_URL: "http://x" },
  { DATABASE_REPLICA_URLS: "mysql://r/x", REDIS_URL: "redis://x" },
  { DATABASE_REPLICA_URLS: "mysql://r/x", DATABASE_URL: "mysql://p/x" },
  { DATABASE_POOL: "0" },
  { DATABASE_TIMEOUT: "never" },
  { TOKEN_KEYS: "short" },
])("refuses %j, and names it", (env) => expect(refusal(env)).toContain(Object.keys(env)[0] ?? "?"));

test("several stores are names and URLs, of which each may hold commas of its own", () => {
  const text = "hot=file:///srv/a,b=c, ceph=s3:http://k:s@h/b?prefix=x\n cold-1=file:///c";
  expect(parseConfig({ STORES: text }).STORES).toEqual([
    { name: "hot", url: "file:///srv/a,b=c" },
    { name: "ceph", url: "s3:http://k:s@h/b?prefix=x" },
    { name: "cold-1", url: "file:///c" },
  ]);
  expect(parseConfig({}).STORES).toEqual([]);
});

test.each([
  [{ STORES: "file:///a" }, "entry 1 must be NAME=URL"],
  [{ STORES: "Hot=file:///a" }, "entry 1 must be NAME=URL"],
  [{ STORES: "hot=ftp://a" }, "hot must be a URL that begins with file: or s3: or oss:"],
  [{ STORES: "hot=file:///a,hot=file:///b" }, "hot is given twice"],
  [{ STORES: "hot=file:///a", STORE_URL: "file:///b" }, "STORES: and STORE_URL are both set"],
  [{ STORES: "hot=file:///a", STORE_POLICY: "* -> cold" }, 'STORE_POLICY: there is no store "cold" in STORES, which names hot'],
  [{ STORE_POLICY: "* -> hot" }, 'STORE_POLICY: there is no store "hot" in STORES, which names none'],
  [{ STORES: "hot=file:///a", STORE_POLICY: "*.log" }, "STORE_POLICY: rule 1: must be a condition"],
])("refuses the stores %j, and says why", (env, message) => expect(refusal(env)).toContain(message));

test("a store that is wrong is told without its keys", () => {
  expect(refusal({ STORES: "hot=http://key:hunter2@host/b" })).not.toContain("hunter2");
});

test("tells every fault at once, and no secret", () => {
  const message = refusal({ PORT: "x", LOG_LEVEL: "y", TOKEN_KEYS: "hunter2" });
  for (const name of ["PORT", "LOG_LEVEL", "TOKEN_KEYS"]) expect(message).toContain(name);
  expect(message).not.toContain("hunter2");
});

describe("a variable in a file", () => {
  const folder = mkdtempSync(join(tmpdir(), "sluice-config-"));
  const path = join(folder, "secret");
  afterAll(() => rmSync(folder, { recursive: true }));

  test("is read without its last line break", () => {
    writeFileSync(path, "amqp://user:secret@host\n");
    expect(parseConfig({ AMQP_URL_FILE: path }).AMQP_URL).toBe("amqp://user:secret@host");
  });

  test("is refused beside the variable itself, and when it cannot be read, without a word of the secret", () => {
    writeFileSync(path, "amqp://user:secret@host");
    expect(refusal({ AMQP_URL: "amqp://other", AMQP_URL_FILE: path })).toBe(
      "AMQP_URL and AMQP_URL_FILE are both set; set one of them",
    );
    expect(refusal({ AMQP_URL_FILE: `${path}.gone` })).toBe(`AMQP_URL_FILE: ${path}.gone cannot be read (ENOENT)`);
    writeFileSync(path, "http://user:secret@host");
    const said = refusal({ AMQP_URL_FILE: path });
    expect(said).toContain("AMQP_URL");
    expect(said).not.toContain("secret");
  });
});
