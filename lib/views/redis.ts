import { newId } from "../id/mod.ts";
import { connectRedis, type RedisClient } from "../redis/mod.ts";
import { batchField, keysOf, type ViewKeys } from "./keys.ts";
import type { Ranked, ViewBatch, Views } from "./port.ts";
import { viewScripts } from "./scripts.ts";
import { Untold } from "./untold.ts";

/** How many shares are kept in order. */
const ranked = 1000;
/** The order is read from the rows anew so often: whatever it may have missed is in it then. */
const builtSeconds = 60;

export interface RedisViewsOptions {
  /** `redis:` or `rediss:`. */
  url: string;
  drive: string;
  /** Told, once an outage, that Redis is lost. */
  onError: (error: unknown) => void;
}

/**
 * Views of any number of processes, counted in Redis: each tells it of those that it has counted ten times a second, and before it
 * says how many there are. While Redis is away they are kept in the process. Views are lost with a process (the last tenth of a
 * second, or those of an outage), and with what Redis forgets when it is killed.
 *
 * @throws {AppError} as `connectRedis` does.
 */
export async function redisViews({ url, drive, onError }: RedisViewsOptions): Promise<Views> {
  const redis = await connectRedis({ url, name: "views", onError });
  const keys = keysOf(drive);
  const scripts = viewScripts(redis);
  const untold = new Untold((id, counts, heard) =>
    scripts.tell([keys.told(id), keys.pending, ...(heard === null ? [] : [keys.told(heard)])], [...counts].flat()),
  );
  const rank = async (shares: Ranked[]) => {
    const args = shares.flatMap(({ id, views }) => [id, views]);
    await scripts.rank([keys.top], [...args, ranked]);
  };
  return {
    engine: "redis",
    ranked,
    add: (shareId) => untold.add(shareId),
    pending: async (shareIds) => {
      // Whoever is told how many there are is told of no more than others will be, whichever process they ask next.
      await untold.flush();
      const told = await readPending(redis, keys, shareIds);
      return new Map(shareIds.map((id) => [id, (told.get(id) ?? 0) + untold.of(id)]));
    },
    async take() {
      await untold.flush();
      return batchOf(await scripts.take([keys.pending, keys.taken], [batchField, newId()]));
    },
    async written(batchId) {
      await scripts.written([keys.taken], [batchField, batchId]);
    },
    rank,
    async unrank(shareIds) {
      if (shareIds.length > 0) await redis.run((commands) => commands.zrem(keys.top, ...shareIds));
    },
    top: (limit) => readTop(redis, keys, limit),
    async rebuild(shares) {
      await rank(shares);
      await redis.run((commands) => commands.set(keys.built, "1", "EX", builtSeconds));
    },
    check: (signal) => redis.check(signal),
    async close() {
      if (redis.ready) await untold.flush();
      untold.stop();
      await redis.close();
    },
  };
}

/** The client has told of a failure: then only what this process has not told yet is known. */
async function readPending(redis: RedisClient, keys: ViewKeys, shareIds: string[]): Promise<Map<string, number>> {
  if (shareIds.length === 0) return new Map();
  const read = redis.run((commands) =>
    Promise.all([commands.hmget(keys.pending, ...shareIds), commands.hmget(keys.taken, ...shareIds)]),
  );
  const [pending, taken] = await read.catch(() => [[], []]);
  return new Map(shareIds.map((id, i) => [id, Number(pending[i] ?? 0) + Number(taken[i] ?? 0)]));
}

/** As above: the rows are asked. */
async function readTop(redis: RedisClient, keys: ViewKeys, limit: number): Promise<string[] | null> {
  const read = redis.run((commands) =>
    Promise.all([commands.get(keys.built), commands.zrevrange(keys.top, 0, Math.max(0, limit - 1))]),
  );
  const [built, top] = await read.catch(() => [null, []]);
  return built === null ? null : top;
}

/** A hash as Redis gives it: fields and values by turns. */
function batchOf(answer: unknown): ViewBatch | null {
  if (!Array.isArray(answer)) throw new TypeError("Redis gave no list for a hash");
  let batchId: string | null = null;
  const counts = new Map<string, number>();
  for (let i = 0; i + 1 < answer.length; i += 2) {
    const [field, value] = [String(answer[i]), String(answer[i + 1])];
    if (field === batchField) batchId = value;
    else counts.set(field, Number(value));
  }
  return batchId === null ? null : { id: batchId, counts };
}
