import { Redis, ReplyError } from "ioredis";

import { AppError } from "../errors/mod.ts";
import { createClient, end, type RedisClient } from "./client.ts";
import { parseRedisUrl, type RedisAddress } from "./parse_redis_url.ts";
import { plainError } from "./plain_error.ts";
import { createReportOnce } from "./report_once.ts";

export interface ConnectRedisOptions {
  /** `redis://[[user]:password@]host[:port][/db]`, or `rediss:` for TLS. */
  url: string;
  /** What the connection is for, without spaces; `CLIENT LIST` shows it as `sluice-<name>`. */
  name: string;
  /** Told of a lost connection, once until it is back, and of refused commands, once a minute for each kind. */
  onError: (error: Error) => void;
}

/** How long Redis may be silent while it owes an answer; then the connection counts as lost. */
const silenceMs = 1000;
/** How long one command may take on a connection that does bring answers to others. */
const commandMs = 1500;
const connectMs = 2000;
/** In all, until Redis has read its file and is ready. */
const startMs = 10_000;

/**
 * Connects to Redis. Later losses are mended by themselves, after 0.1 s and then after up to 2 s.
 *
 * @throws {AppError} `invalid-request` when the URL is none or Redis refuses user, password or database, `unavailable` when
 *   it cannot be reached now. The text names REDIS_URL, and neither it nor the cause holds the password.
 */
export async function connectRedis({ url, name, onError }: ConnectRedisOptions): Promise<RedisClient> {
  const address = parseRedisUrl(url);
  let started = false;
  const redis = new Redis({
    ...address,
    connectionName: `sluice-${name}`,
    lazyConnect: true,
    connectTimeout: connectMs,
    socketTimeout: silenceMs,
    commandTimeout: commandMs,
    // Nothing waits for a connection: neither what comes while there is none, nor what was under way when it broke.
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    // Who subscribes has to know whether the subscription stands.
    autoResubscribe: false,
    enableAutoPipelining: true,
    disconnectTimeout: 100,
    retryStrategy: (times) => (started ? Math.min(100 * 2 ** Math.min(times - 1, 5), 2000) : null),
    // A primary that became a replica: its name may by now lead to the new primary.
    reconnectOnError: ({ message }) => message.startsWith("READONLY"),
  });
  await start(redis, address);
  started = true;
  redis.removeAllListeners("error");
  return createClient(redis, createReportOnce(onError));
}

async function start(redis: Redis, { host, port }: RedisAddress): Promise<void> {
  // ioredis rejects with "Connection is closed."; why it was closed, and that a database was refused, it emits.
  const { promise: failure, reject } = Promise.withResolvers<never>();
  redis.on("error", reject);
  const timer = setTimeout(() => reject(new Error(`it was not ready within ${startMs / 1000} s`)), startMs);
  try {
    await Promise.race([failure, connected(redis)]);
  } catch (error) {
    await end(redis);
    throw startError(error, `REDIS_URL: the server at ${host}:${port}`);
  } finally {
    clearTimeout(timer);
  }
}

/** Leaves an "error" that is emitted with the loss of the connection the time to be the first. */
async function connected(redis: Redis): Promise<void> {
  try {
    await redis.connect();
  } catch (error) {
    await Bun.sleep(0);
    throw error;
  }
}

function startError(error: unknown, server: string): AppError {
  const cause = plainError(error);
  if (!(error instanceof ReplyError))
    return new AppError("unavailable", `${server} cannot be reached: ${cause.message}`, { cause });
  const credentials = /^(WRONGPASS|NOAUTH)\b/.test(cause.message) ? "user or password" : "the connection";
  return new AppError("invalid-request", `${server} refuses ${credentials}: ${cause.message}`, { cause });
}
