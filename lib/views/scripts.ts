import type { RedisClient, RedisScript } from "../redis/mod.ts";

/**
 * What a teller says a second time, since it does not know whether it was heard, counts once. Of what it has said before, and
 * knows to be heard, nothing more need be known.
 */
const tell = `
if KEYS[3] then redis.call('DEL', KEYS[3]) end
if not redis.call('SET', KEYS[1], 1, 'NX', 'EX', 600) then return 0 end
for i = 1, #ARGV, 2 do redis.call('HINCRBY', KEYS[2], ARGV[i], ARGV[i + 1]) end
return 1`;

/** The batch that is out already, or a new one of all that is pending: as fields and values. */
const take = `
if redis.call('EXISTS', KEYS[2]) == 0 then
  if redis.call('EXISTS', KEYS[1]) == 0 then return {} end
  redis.call('RENAME', KEYS[1], KEYS[2])
  redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
end
return redis.call('HGETALL', KEYS[2])`;

/** Only the batch that was meant: another may be out by now. */
const written = `
if redis.call('HGET', KEYS[1], ARGV[1]) == ARGV[2] then redis.call('DEL', KEYS[1]) end
return 1`;

/** Views only grow, so that of two who say it the greater is the newer. The last argument is how many are kept. */
const rank = `
for i = 1, #ARGV - 1, 2 do redis.call('ZADD', KEYS[1], 'GT', ARGV[i + 1], ARGV[i]) end
redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -1 - ARGV[#ARGV])
return 1`;

/** The scripts of one connection. */
export interface ViewScripts {
  tell: RedisScript;
  take: RedisScript;
  written: RedisScript;
  rank: RedisScript;
}

export function viewScripts(redis: RedisClient): ViewScripts {
  return {
    tell: redis.script("sluiceViewsTell", tell),
    take: redis.script("sluiceViewsTake", take),
    written: redis.script("sluiceViewsWritten", written),
    rank: redis.script("sluiceViewsRank", rank),
  };
}
