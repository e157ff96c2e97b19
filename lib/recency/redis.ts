import { connectRedis } from "../redis/mod.ts";
import { askTogether } from "./ask_together.ts";
import { Leases } from "./leases.ts";
import { Marks } from "./marks.ts";
import type { Recency } from "./port.ts";
import { Recalls } from "./recalls.ts";
import { type Looked, recencyScripts } from "./scripts.ts";
import { Trust } from "./trust.ts";
import { Untold } from "./untold.ts";

export interface RedisRecencyOptions {
  /** `redis:` or `rediss:`. */
  url: string;
  /** Told, once an outage, that Redis is lost. */
  onError: (error: unknown) => void;
  /** Milliseconds; more than a lease lasts. */
  windowMs: number;
}

/**
 * Recency through Redis, for any number of processes. Who has been told that a user has no mark gets a lease on that, and need
 * not ask again as long as it lasts; who makes a mark calls the leases back, and waits (docs/decisions/0040-leases.md).
 * While Redis cannot be asked, everybody counts as recent; see {@link Trust} for what it may have lost when it can be
 * asked again.
 *
 * One hole is left. A process that is cut off from Redis while others are not (or a Redis that takes no write at all, such as
 * one whose disk is full) cannot tell those others of a change: they may read a replica that does not have it yet, for as
 * long as that lags behind.
 *
 * @throws {AppError} as `connectRedis` does.
 */
export async function redisRecency({ url, onError, windowMs }: RedisRecencyOptions): Promise<Recency> {
  const redis = await connectRedis({ url, name: "recency", onError });
  // Of a lost Redis the other one tells; that this user may not subscribe, only this one can.
  const refusal = (error: Error) => void (error.message.startsWith("Redis refuses:") && onError(error));
  const ear = await connectRedis({ url, name: "recency-ear", onError: refusal }).catch(async (error: unknown) => {
    await redis.close();
    throw error;
  });
  const scripts = recencyScripts(redis);
  const trust = new Trust(windowMs);
  const [marks, leases] = [new Marks(windowMs), new Leases()];
  const recalls = await Recalls.begin({ ear, redis, marks, leases });
  const untold = new Untold({ redis, scripts, recalls, marks });
  // One who sends many small files at once changes much in a turn.
  const tellTogether = askTogether(async (userIds) => new Map(Array.from(userIds, (userId) => [userId, untold.tell(userId)])));

  /** Which of them are marked; `null` where that is not known. */
  async function look(userIds: Set<string>): Promise<Set<string> | null> {
    const { connection } = redis;
    const { holder } = recalls;
    const askedAt = performance.now();
    // Of what fails its client has told.
    const answer = await scripts.look([...userIds], holder?.id).catch((): Looked | null => null);
    // An answer of a connection that is gone says nothing of what came after it.
    if (answer === null || connection !== redis.connection || !trust.sees(answer.epoch)) return null;
    const isHeld = holder !== undefined && holder.term === recalls.holder?.term;
    // One that has been called back meanwhile does no harm: there is a mark here, which outlives it.
    if (isHeld) for (const userId of userIds) if (!answer.marked.has(userId)) leases.grant(userId, askedAt);
    return answer.marked;
  }
  const askForMarks = askTogether(look);
  redis.onBack(() => {
    trust.startOver();
    leases.clear();
    untold.retry();
  });
  // So that the first epoch's window begins with the process, not with whoever asks first.
  await look(new Set());
  return {
    engine: "redis",
    async mark(userIds) {
      for (const userId of userIds) marks.add(userId);
      await Promise.all(userIds.map(async (userId) => await (await tellTogether(userId)).get(userId)));
    },
    isRecent(userId) {
      if (marks.has(userId)) return true;
      if (leases.has(userId)) return false;
      return askForMarks(userId).then((marked) => marked === null || marked.has(userId));
    },
    check: (signal) => redis.check(signal),
    async close() {
      untold.stop();
      recalls.stop();
      marks.clear();
      await Promise.all([redis.close(), ear.close()]);
    },
  };
}
