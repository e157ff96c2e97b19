import { z } from "zod";

import type { RedisClient } from "../redis/mod.ts";
import { ChunkSet } from "./chunk_set.ts";
import type { LogState } from "./log_index.ts";

/** The state of a log that there is. */
export type KnownState = LogState & { born: string };

/** Which state of which log: logs sort by `born`, states of one log by `end`. */
export type Position = Pick<KnownState, "born" | "end">;

/** What nodes tell each other through Redis: of each upload the newest state of its log. Every call throws as `run` does. */
export interface Snapshots {
  /**
   * Puts a state in place of an older one, and keeps it for the time to live from now. It also takes the place of
   * `refuted`, of which the caller knows that it is no state of the log (any more).
   * @returns the newer state that is there instead; `null` when the given one is there now.
   */
  advance(id: string, state: KnownState, refuted?: Position): Promise<Position | null>;
  /** The newest state told; `null` when there is none, or it is of another number of chunks. */
  read(id: string, chunkCount: number): Promise<ChunkSet | null>;
  drop(id: string): Promise<void>;
}

export function isOlder(a: Position, b: Position): boolean {
  return a.born === b.born ? a.end < b.end : a.born < b.born;
}

/**
 * KEYS[1] the upload's snapshot, a hash of `born`, `end`, `count` and `bits`.
 * ARGV: born, end (bytes), count (chunks), bits (bitmap, see ChunkSet.toBytes), time to live (ms), born and end of a state
 * that is refuted or two empty texts.
 * Returns an empty list when the state of ARGV is there now, and born and end of a newer one when that is. So a state that
 * comes late never replaces a newer one.
 */
const advanceLua = `
local held = redis.call('HMGET', KEYS[1], 'born', 'end')
local isRefuted = held[1] == ARGV[6] and held[2] == ARGV[7]
if held[1] and not isRefuted then
  if held[1] > ARGV[1] or (held[1] == ARGV[1] and tonumber(held[2]) > tonumber(ARGV[2])) then
    return held
  end
end
redis.call('HSET', KEYS[1], 'born', ARGV[1], 'end', ARGV[2], 'count', ARGV[3], 'bits', ARGV[4])
redis.call('PEXPIRE', KEYS[1], ARGV[5])
return {}`;

const advanceReply = z.union([z.tuple([]), z.tuple([z.string(), z.string()])]);

/** The braces put all keys of an upload into one slot of a cluster. */
export function snapshotKey(id: string): string {
  return `sluice:{${id}}:progress`;
}

/** @param ttlMs how long a snapshot lives that nothing is told of. */
export function redisSnapshots(redis: RedisClient, ttlMs: number): Snapshots {
  const advance = redis.script("sluiceAdvance", advanceLua);
  return {
    async advance(id, { born, end, chunks }, refuted) {
      const bits = Buffer.from(chunks.toBytes());
      const args = [born, end, chunks.chunkCount, bits, ttlMs, refuted?.born ?? "", refuted?.end ?? ""];
      const [heldBorn, heldEnd] = advanceReply.parse(await advance([snapshotKey(id)], args));
      return heldBorn === undefined ? null : { born: heldBorn, end: Number(heldEnd) };
    },
    async read(id, chunkCount) {
      const [count, bits] = await redis.run((commands) => commands.hmgetBuffer(snapshotKey(id), "count", "bits"));
      if (!count || !bits || Number(count.toString()) !== chunkCount) return null;
      return ChunkSet.fromBytes(chunkCount, bits);
    },
    async drop(id) {
      await redis.run((commands) => commands.del(snapshotKey(id)));
    },
  };
}
