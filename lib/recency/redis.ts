import { newId } from "../id/mod.ts";
import { connectRedis, type RedisClient } from "../redis/mod.ts";
import { askTogether } from "./ask_together.ts";
import { epochKey, markKey } from "./keys.ts";
import { Marks } from "./marks.ts";
import type { Recency } from "./port.ts";
import { Trust } from "./trust.ts";
import { Untold } from "./untold.ts";

export interface RedisRecencyOptions {
  /** `redis:` or `rediss:`. */
  url: string;
  /** Told, once an outage, that Redis is lost. */
  onError: (error: unknown) => void;
  /** Milliseconds. */
  windowMs: number;
}

/**
 * Recency through Redis, for any number of processes. While Redis cannot be asked, everybody counts as recent; see
 * {@link Trust} for what it may have lost when it can be asked again.
 *
 * One hole is left. A process that is cut off from Redis while others are not (or a Redis that takes no write at all, such as
 * one whose disk is full) cannot tell those others of a change: they may read a replica that does not have it yet, for as
 * long as that lags behind.
 *
 * @throws {AppError} as `connectRedis` does.
 */
export async function redisRecency({ url, onError, windowMs }: RedisRecencyOptions): Promise<Recency> {
  const redis = await connectRedis({ url, name: "recency", onError });
  const trust = new Trust(windowMs);
  const marks = new Marks(windowMs);
  const untold = new Untold(redis, marks);
  const askForMarks = askTogether(async (userIds) => {
    const { connection } = redis;
    const answer = await ask(redis, [...userIds]);
    // An answer of a connection that is gone says nothing of what came after it.
    if (answer === null || connection !== redis.connection) return null;
    const isBelieved = trust.sees(answer.epoch);
    if (answer.epoch === null) await makeEpoch(redis);
    return isBelieved ? answer.marked : null;
  });
  redis.onBack(() => {
    trust.startOver();
    untold.retry();
  });
  return {
    engine: "redis",
    async mark(userIds) {
      for (const userId of userIds) marks.add(userId);
      await Promise.all(userIds.map((userId) => untold.tell(userId)));
    },
    async isRecent(userId) {
      if (marks.has(userId)) return true;
      const marked = await askForMarks(userId);
      return marked === null || marked.has(userId);
    },
    check: (signal) => redis.check(signal),
    async close() {
      untold.stop();
      marks.clear();
      await redis.close();
    },
  };
}

/** Which of them Redis says are marked; `null` when it says nothing, of which its client has told. */
async function ask(redis: RedisClient, userIds: string[]): Promise<{ marked: Set<string>; epoch: string | null } | null> {
  try {
    const [epoch = null, ...marks] = await redis.run((commands) => commands.mget(epochKey, ...userIds.map(markKey)));
    return { marked: new Set(userIds.filter((_, i) => marks[i] !== null)), epoch };
  } catch {
    return null;
  }
}

/** Whoever finds no epoch makes one; should that fail, the next one to ask finds none either. */
async function makeEpoch(redis: RedisClient): Promise<void> {
  await redis.run((commands) => commands.set(epochKey, newId(), "NX")).catch(() => {});
}
