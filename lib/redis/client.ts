import { type Redis, ReplyError } from "ioredis";

import { AppError } from "../errors/mod.ts";
import { plainError } from "./plain_error.ts";
import type { ReportOnce } from "./report_once.ts";
import { defineScript, type RedisScript } from "./script.ts";

/** A connection to Redis that is made again whenever it is lost, for ever. */
export interface RedisClient {
  /** Whether there is a connection. Without one every command fails at once. */
  readonly ready: boolean;
  /** How many connections there have been, and when the last was made (`performance.now()`). */
  readonly connection: Readonly<{ number: number; since: number }>;
  /**
   * Sends commands; those of one turn of the event loop go in one write.
   * @throws {AppError} `unavailable`: without a connection at once; when it breaks, or Redis does not answer for a second;
   *   when Redis refuses. Whether the commands were carried out is then not known.
   */
  run<T>(work: (commands: Redis) => Promise<T>): Promise<T>;
  /** Makes a command of a Lua script; it throws as `run` does. */
  script(name: `sluice${string}`, lua: string): RedisScript;
  /** Calls `listener` whenever the connection is lost. */
  onLost(listener: () => void): void;
  /** Calls `listener` whenever a new connection has taken a lost one's place. */
  onBack(listener: () => void): void;
  /**
   * Hears what is published on a channel, until the connection is lost: on the next one it has to be called again. From
   * then on the connection takes nothing but this and `check`. It throws as `run` does.
   */
  subscribe(channel: string, listener: (message: string) => void): Promise<void>;
  /** @throws {AppError} `unavailable` when Redis does not answer a ping; the signal's reason when that comes first. */
  check(signal: AbortSignal): Promise<void>;
  /** Drops what is under way. Takes a tenth of a second at most. */
  close(): Promise<void>;
}

/** @param redis connected. */
export function createClient(redis: Redis, report: ReportOnce): RedisClient {
  let connection = { number: 1, since: performance.now() };
  const listeners: { back: (() => void)[]; lost: (() => void)[] } = { back: [], lost: [] };
  const heard = new Map<string, (message: string) => void>();
  redis.on("message", (channel, message) => heard.get(channel)?.(message));
  redis.on("close", () => {
    for (const listener of listeners.lost) listener();
  });
  redis.on("error", (error) => tellLost(error, report));
  redis.on("ready", () => {
    connection = { number: connection.number + 1, since: performance.now() };
    // One that was closed and came back at the first attempt had no error to tell of.
    report.lost(unavailable("the connection to Redis was lost for a moment"));
    report.back();
    for (const listener of listeners.back) listener();
  });
  const run: RedisClient["run"] = async (work) => {
    if (redis.status !== "ready") throw unavailable("there is no connection to Redis");
    try {
      return await work(redis);
    } catch (error) {
      throw tell(error, report);
    }
  };
  return {
    get ready() {
      return redis.status === "ready";
    },
    get connection() {
      return connection;
    },
    run,
    script(name, lua) {
      const command = defineScript(redis, name, lua);
      return async (keys, args) => await run(() => command(keys, args));
    },
    onLost: (listener) => void listeners.lost.push(listener),
    onBack: (listener) => void listeners.back.push(listener),
    async subscribe(channel, listener) {
      heard.set(channel, listener);
      await run((commands) => commands.subscribe(channel));
    },
    async check(signal) {
      signal.throwIfAborted();
      await until(
        run((commands) => commands.ping()),
        signal,
      );
    },
    close: () => end(redis),
  };
}

/** Ends a connection, or the attempts at one, and waits until its socket is gone. */
export async function end(redis: Redis): Promise<void> {
  redis.removeAllListeners();
  // What is emitted from here on is the end itself.
  redis.on("error", () => {});
  const hasSocket = redis.status === "ready" || redis.status === "connect" || redis.status === "connecting";
  const ended = hasSocket ? new Promise<void>((resolve) => void redis.once("end", () => resolve())) : Promise.resolve();
  redis.disconnect();
  await ended;
}

/** Why a connection broke or could not be made again. */
function tellLost(error: unknown, report: ReportOnce): void {
  if (error instanceof ReplyError) report.refused(unavailable("Redis refuses the connection", error));
  else report.lost(unavailable("the connection to Redis is lost", error));
}

/** What a command failed with. A lost connection is told of by its own events. */
function tell(error: unknown, report: ReportOnce): AppError {
  if (error instanceof ReplyError) {
    const { message } = plainError(error);
    const refused = unavailable(`Redis refuses: ${message}`);
    report.failed(message.split(" ", 1)[0] ?? "", refused);
    return refused;
  }
  const failed = unavailable("Redis does not answer", error);
  if (error instanceof Error && error.message === "Command timed out") report.failed("slow", failed);
  return failed;
}

function unavailable(message: string, cause?: unknown): AppError {
  return new AppError("unavailable", message, cause === undefined ? {} : { cause: plainError(cause) });
}

async function until<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
