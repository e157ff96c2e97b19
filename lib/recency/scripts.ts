import { newId } from "../id/mod.ts";
import type { RedisClient } from "../redis/mod.ts";
import { channelPrefix, epochKey, leaseKey, markKey } from "./keys.ts";
import { leaseMs } from "./leases.ts";

/**
 * Begins `now` and `epoch`: Redis' clock in milliseconds, and the value of the epoch (KEYS[1]), which says when it was made
 * and is made if there is none. ARGV[1] makes it another than any before.
 */
const prelude = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local epoch = redis.call('GET', KEYS[1])
if not epoch then
  epoch = string.format('%.0f', now) .. '.' .. ARGV[1]
  redis.call('SET', KEYS[1], epoch)
end`;

/** Of each pair of mark and lease: is there a mark? If not, ARGV[2] (if it is not empty) gets a lease of ARGV[3] ms. */
const look = `${prelude}
local answer = { epoch }
for i = 2, #KEYS, 2 do
  if redis.call('EXISTS', KEYS[i]) == 1 then
    answer[#answer + 1] = 1
  else
    answer[#answer + 1] = 0
    if ARGV[2] ~= '' then
      redis.call('ZADD', KEYS[i + 1], now + ARGV[3], ARGV[2])
      redis.call('PEXPIRE', KEYS[i + 1], ARGV[3])
    end
  end
end
return answer`;

/**
 * Makes a mark (KEYS[2]) of ARGV[4] ms and calls the leases back (KEYS[3]), by a message to each holder but ARGV[2] itself.
 * What is younger than a lease may have lost some: then all that there can be are waited for.
 *
 * Answers how long that is, how long the longest lease lasts, and who holds one.
 */
const mark = `${prelude}
redis.call('SET', KEYS[2], '1', 'PX', ARGV[4])
local answer = { math.max(0, tonumber(ARGV[3]) - (now - tonumber(string.match(epoch, '^%d+')))), 0 }
local leases = redis.call('ZRANGEBYSCORE', KEYS[3], now, '+inf', 'WITHSCORES')
for i = 1, #leases, 2 do
  if leases[i] ~= ARGV[2] then
    redis.call('PUBLISH', ARGV[5] .. leases[i], ARGV[6])
    answer[2] = math.max(answer[2], leases[i + 1] - now)
    answer[#answer + 1] = leases[i]
  end
end
return answer`;

/** What Redis says of some users. */
export interface Looked {
  epoch: string;
  marked: Set<string>;
}

/** What stands between a mark that was made and its change's answer. */
export interface Marked {
  /** To be waited for whoever answers, milliseconds. */
  blindMs: number;
  /** To be waited for those who do not give their leases back. */
  leaseMs: number;
  holders: string[];
}

/** What is asked of Redis; it throws as `RedisClient.run` does. */
export interface RecencyScripts {
  /** @param holder who gets a lease on each user without a mark; nobody where it is undefined. */
  look(userIds: string[], holder: string | undefined): Promise<Looked>;
  /** @param recall the message that calls a lease back. */
  mark(userId: string, made: { forMs: number; by: string; recall: string }): Promise<Marked>;
}

export function recencyScripts(redis: RedisClient): RecencyScripts {
  const scripts = { look: redis.script("sluiceRecencyLook", look), mark: redis.script("sluiceRecencyMark", mark) };
  return {
    async look(userIds, holder = "") {
      const keys = userIds.flatMap((userId) => [markKey(userId), leaseKey(userId)]);
      const [epoch, ...marks] = asList(await scripts.look([epochKey, ...keys], [newId(), holder, leaseMs]));
      return { epoch: String(epoch), marked: new Set(userIds.filter((_, i) => marks[i] === 1)) };
    },
    async mark(userId, { forMs, by, recall }) {
      const keys = [epochKey, markKey(userId), leaseKey(userId)];
      const [blind, lease, ...holders] = asList(await scripts.mark(keys, [newId(), by, leaseMs, forMs, channelPrefix, recall]));
      return { blindMs: Number(blind), leaseMs: Number(lease), holders: holders.map(String) };
    },
  };
}

function asList(answer: unknown): unknown[] {
  if (Array.isArray(answer)) return answer;
  throw new TypeError(`a script has answered ${typeof answer} where it answers a list`);
}
