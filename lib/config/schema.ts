import { z } from "zod";

import { AppError } from "../errors/mod.ts";
import { parsePolicy, storeName } from "../placement/mod.ts";
import { isNetwork } from "./network.ts";
import { byteSize, duration, integer } from "./units.ts";

const url = (...protocols: string[]) =>
  z
    .string()
    .refine(
      (text) => protocols.some((p) => text.startsWith(`${p}:`)),
      `must begin with ${protocols.map((p) => `${p}:`).join(" or ")}`,
    );

const stores = z.string().transform((text, ctx) => {
  const wrong = (message: string) => {
    // Never the entry itself: it may hold keys.
    ctx.addIssue({ code: "custom", message });
    return z.NEVER;
  };
  // A comma or line break ends an entry where another one begins: a URL may hold commas itself.
  const entries = text.trim() === "" ? [] : text.trim().split(/\s*[,\n]\s*(?=[^=,\s]*=(?:file|s3|oss):)/);
  const parsed = entries.map((entry) => {
    const at = entry.indexOf("=");
    return { name: entry.slice(0, Math.max(at, 0)), url: entry.slice(at + 1) };
  });
  for (const [at, { name, url }] of parsed.entries()) {
    if (!storeName.test(name)) return wrong(`entry ${at + 1} must be NAME=URL, its name 1 to 32 of a-z 0-9 _ - after a letter`);
    if (!/^(file|s3|oss):/.test(url)) return wrong(`${name} must be a URL that begins with file: or s3: or oss:`);
    if (parsed.findIndex((other) => other.name === name) !== at) return wrong(`${name} is given twice`);
  }
  return parsed;
});

const policy = z.string().transform((text, ctx) => {
  try {
    return parsePolicy(text);
  } catch (error) {
    ctx.addIssue({ code: "custom", message: error instanceof AppError ? error.message : "is no policy" });
    return z.NEVER;
  }
});

const list = z.string().transform((text) =>
  text
    .split(",")
    .map((s) => s.trim())
    .filter((s) => s !== ""),
);

/**
 * Every variable that Sluice reads, with its default and its meaning. The table in README.md is checked against
 * this schema by a test.
 */
export const configSchema = z
  .object({
    HOST: z.string().default("127.0.0.1").describe("address to listen on"),
    PORT: integer(0, 65535).prefault("8080").describe("port to listen on; 0 takes a free one"),
    PUBLIC_URL: url("http", "https").optional().describe("how clients reach the drive; without it, the request's own host"),
    TRUSTED_PROXIES: list
      .refine((entries) => entries.every(isNetwork), "must be IP addresses, or networks such as 10.0.0.0/8")
      .prefault("")
      .describe("addresses or networks (`10.0.0.0/8`) of proxies that are believed, such as the front, comma-separated"),
    ADVERTISE_URL: url("http", "https")
      .optional()
      .describe(
        "how other gateways reach this one; by default `http://HOST:PORT`, with the machine's name where it listens on all addresses",
      ),
    DATA_DIR: z.string().default("./data").describe("folder of everything that is kept on this machine"),
    NODE_ID: z
      .string()
      // Messages for any node are routed by that name.
      .regex(/^(?!any$)[A-Za-z0-9_-]{1,26}$/, 'must be 1 to 26 of A-Z a-z 0-9 _ -, and not "any"')
      .optional()
      .describe("name of this node, the owner of its spool; made once and kept in `DATA_DIR` by default"),

    DATABASE_URL: url("mysql").optional().describe("MySQL primary (`?ssl={}` for TLS); without it, SQLite in `DATA_DIR`"),
    DATABASE_REPLICA_URLS: list
      .prefault("")
      .describe("MySQL replicas to read from, comma-separated; needs `REDIS_URL`, where who wrote of late is kept"),
    DATABASE_POOL: integer(1, 256).prefault("8").describe("connections that a process keeps to each MySQL server"),
    DATABASE_TIMEOUT: duration
      .prefault("5s")
      .describe("time that MySQL has to answer a statement, and a statement to get a connection"),
    REDIS_URL: url("redis", "rediss").optional().describe("Redis for upload progress; without it, memory over the spool log"),
    AMQP_URL: url("amqp", "amqps")
      .optional()
      .describe("RabbitMQ; without it, a queue in the process, and workers in the gateway"),
    STORE_URL: url("file", "s3", "oss")
      .optional()
      .describe(
        "object store: `file:///folder`, `s3:http://KEY:SECRET@host:port/bucket` or `oss:https://KEY:SECRET@host/bucket?region=…` (docs/operations.md); without it, a folder in `DATA_DIR`",
      ),
    STORES: stores
      .prefault("")
      .describe(
        "several stores instead, `NAME=URL` comma-separated (`hot=file:///srv/hot,ceph=s3:…`): the first takes what no rule is for",
      ),
    STORE_POLICY: policy
      .prefault("")
      .describe("which of `STORES` keep new files, `size>=1GiB -> ceph; type=video/* -> ceph+hot` (docs/operations.md)"),
    MOVE_GRACE: duration.prefault("1h").describe("how long the old copy of a moved file stays, for downloads that read it"),
    SCRUB_PER_HOUR: integer(0, 100_000)
      .prefault("6")
      .describe("stored files that are read again and compared with their SHA-256 each hour; 0 is none"),

    TOKEN_KEYS: z
      .string()
      .regex(/^[\w-]+:[\w-]{43,}(,[\w-]+:[\w-]{43,})*$/, "must be kid:key[,kid:key …], each key 32 bytes or more in base64url")
      .optional()
      .describe(
        "keys of tokens and signed URLs, `kid:base64url` comma-separated: the first signs, all verify; made once and kept in `DATA_DIR` by default",
      ),
    TOKEN_TTL: duration.prefault("15m").describe("life of an access token"),
    REFRESH_TTL: duration.prefault("30d").describe("life of a session that is not refreshed"),
    PASSWORD_PARALLEL: integer(1, 64).prefault("2").describe("password hashes computed at once; each takes 19 MiB and a core"),
    DOWNLOAD_URL_TTL: duration.prefault("1h").describe("life of a signed download URL"),

    FILE_MAX_BYTES: byteSize.prefault("5TiB").describe("largest file"),
    USER_QUOTA_BYTES: byteSize.prefault("0").describe("most that one user may hold, open uploads included; 0 is no limit"),
    DISK_RESERVE_BYTES: byteSize.prefault("64MiB").describe("disk space that uploads must leave free"),
    RECEIVE_BUFFER: byteSize
      .prefault("128KiB")
      .describe(
        "most that the system keeps of each body until the gateway reads it, while many come in at once (Linux); 0 is no bound",
      ),
    UPLOAD_TTL: duration.prefault("24h").describe("life of an upload that receives nothing"),
    CHALLENGE_TTL: duration.prefault("2m").describe("time to answer an instant-upload challenge"),
    PURGE_AFTER: duration.prefault("24h").describe("time between deleting a file and removing its bytes"),

    PURGE_BATCH: integer(1, 1000).prefault("100").describe("rows of one kind that are removed at a time when they are due"),

    VIDEO_MAX_BYTES: byteSize.prefault("16GiB").describe("largest file that is taken for a video at `/upload/:vid-id`"),
    STREAM_MAX: integer(1).prefault("100").describe("videos streamed at once by a gateway; past it `too-many-streams`"),
    STREAM_MAX_PER_CLIENT: integer(1).prefault("20").describe("of them, to one address"),
    STREAM_BYTES_PER_SECOND: byteSize
      .refine((bytes) => bytes === 0 || bytes >= 16_384, "must be 0 or 16KiB or more")
      .prefault("0")
      .describe("fastest that one stream is sent; 0 is no limit"),

    OFFLINE_ALLOW: list
      .refine((entries) => entries.every(isNetwork), "must be IP addresses, or networks such as 10.0.0.0/8")
      .prefault("")
      .describe("addresses or networks beside the public ones that offline download may reach, comma-separated"),
    OFFLINE_PORTS: list
      .transform((ports) => ports.map(Number))
      .refine((ports) => ports.every((port) => Number.isInteger(port) && port >= 1 && port <= 65535), "must be ports: 8080,8443")
      .prefault("")
      .describe("ports beside 80 and 443 that it may ask, comma-separated"),
    OFFLINE_PARALLEL: integer(1, 256).prefault("8").describe("offline downloads of a node at once"),
    OFFLINE_PER_USER: integer(1, 256).prefault("4").describe("of them, for one user; the others wait"),
    OFFLINE_OPEN_PER_USER: integer(1, 1_000_000)
      .prefault("1000")
      .describe("offline downloads of one user that may be under way or wait; past it `too-many-downloads`"),
    OFFLINE_CONNECT_TIMEOUT: duration.prefault("10s").describe("time to reach the server of a URL"),
    OFFLINE_IDLE_TIMEOUT: duration.prefault("30s").describe("longest silence of that server"),
    OFFLINE_TIMEOUT: duration.prefault("24h").describe("time for an offline download in all, its waits included"),
    OFFLINE_TRIES: integer(1, 100).prefault("10").describe("tries in a row that brought nothing, after which it has failed"),

    WORKERS: list
      .prefault("merge,push,purge,sweep,probe,fetch,copy")
      .describe("workers run in the gateway's process when no `AMQP_URL` is set; `none` for none"),
    WORKER_CONCURRENCY: integer(1, 64).prefault("2").describe("jobs of one worker at once"),
    WORKER_PORT: integer(1, 65535)
      .optional()
      .describe(
        "port of `HOST` at which worker processes answer `/healthz`, `/readyz` and `/metrics`; without it they listen nowhere",
      ),
    LEASE_TTL: duration.prefault("30s").describe("how long a dead worker's job waits before another takes it"),
    SWEEP_EVERY: duration.prefault("5s").describe("how often rows that wait for a worker are looked for"),

    SHUTDOWN_MS: integer(0).prefault("10000").describe("milliseconds to finish what runs after SIGTERM"),
    LOG_LEVEL: z
      .enum(["trace", "debug", "info", "warn", "error", "silent"])
      .default("info")
      .describe("least level that is logged"),
  })
  .refine((config) => config.DATABASE_URL !== undefined || config.DATABASE_REPLICA_URLS.length === 0, {
    path: ["DATABASE_REPLICA_URLS"],
    error: "needs DATABASE_URL: a replica follows a primary",
  })
  .refine((config) => config.REDIS_URL !== undefined || config.DATABASE_REPLICA_URLS.length === 0, {
    path: ["DATABASE_REPLICA_URLS"],
    error: "needs REDIS_URL: who wrote of late is kept there, and reads the primary",
  })
  .refine((config) => config.STORE_URL === undefined || config.STORES.length === 0, {
    path: ["STORES"],
    error: "and STORE_URL are both set: name that store in STORES, too, and remove STORE_URL",
  })
  .superRefine(({ STORES, STORE_POLICY }, ctx) => {
    const names = STORES.map(({ name }) => name);
    const unknown = STORE_POLICY.flatMap((rule) => rule.stores).find((name) => !names.includes(name));
    if (unknown === undefined) return;
    const message = `there is no store "${unknown}" in STORES, which names ${names.length > 0 ? names.join(", ") : "none"}`;
    ctx.addIssue({ code: "custom", path: ["STORE_POLICY"], message });
  });

/** The parsed configuration: durations in milliseconds, sizes in bytes, lists as arrays. */
export type Config = z.output<typeof configSchema>;
