import { connectRedis } from "../redis/mod.ts";
import type { ChunkSet } from "./chunk_set.ts";
import { LogIndexes } from "./log_indexes.ts";
import type { Logs, Progress } from "./port.ts";
import { redisSnapshots, type Snapshots } from "./snapshots.ts";
import { Teller } from "./teller.ts";

export interface RedisProgressOptions {
  /** `redis:` or `rediss:`. */
  url: string;
  log: Logs;
  /** Told, once an outage, that Redis is lost; and of a log that could not be read to tell of it. */
  onError: (error: unknown) => void;
  /** How long Redis keeps what it was told of an upload that nothing is told of any more, milliseconds. */
  ttlMs: number;
  /** How many uploads' logs are remembered in this process. */
  uploads?: number;
}

/**
 * Progress in this process's memory, exact where the log is, and told to the other nodes through Redis. What Redis says is
 * never believed on the node that has the log, and nothing of this node waits for Redis but `peek` at another node's
 * upload and `check`: without Redis the other nodes know less, and that is all.
 *
 * @throws {AppError} as `connectRedis` does.
 */
export async function redisProgress(options: RedisProgressOptions): Promise<Progress> {
  const { url, log, onError, ttlMs, uploads } = options;
  const redis = await connectRedis({ url, name: "progress", onError });
  const snapshots = redisSnapshots(redis, ttlMs);
  const indexes = new LogIndexes(log, uploads);
  const teller = new Teller({ snapshots, ready: () => redis.ready, onLogError: onError });
  return {
    engine: "redis",
    async received(id, chunkCount) {
      const index = indexes.of(id, chunkCount);
      const state = await index.refresh();
      if (state.born === null) indexes.forget(id);
      else teller.tellNews(index, state);
      return state.chunks;
    },
    async peek(id, chunkCount) {
      const { born, chunks } = await indexes.read(id, chunkCount);
      return born === null ? await readElse(snapshots, id, chunkCount) : chunks;
    },
    begin(id, chunkCount, made) {
      const index = indexes.of(id, chunkCount);
      index.begin(made);
      teller.begin(index, made.born);
    },
    add(id, index, logged) {
      // The line is in the log; one that is not known here is told of when it is next asked for.
      const known = indexes.known(id);
      known?.add(index, logged);
      if (known) teller.tell(known);
    },
    stampWithout: (id, index) => indexes.known(id)?.stampWithout(index) ?? null,
    async drop(id) {
      const known = indexes.known(id);
      indexes.forget(id);
      teller.drop(id, known);
    },
    check: (signal) => redis.check(signal),
    async close() {
      indexes.clear();
      await teller.idle();
      await redis.close();
    },
  };
}

/** The client has told of the failure: to whoever peeks it is as if nothing were known. */
async function readElse(snapshots: Snapshots, id: string, chunkCount: number): Promise<ChunkSet | null> {
  return await snapshots.read(id, chunkCount).catch(() => null);
}
