import type { RedisClient } from "../redis/mod.ts";
import { epochKey } from "./keys.ts";
import { leaseMs } from "./leases.ts";
import type { Marks } from "./marks.ts";
import type { Recalls } from "./recalls.ts";
import type { RecencyScripts } from "./scripts.ts";

/** How long after a failure marks are tried again, unless the connection comes back before. */
const againMs = 250;

export interface UntoldOptions {
  redis: RedisClient;
  scripts: RecencyScripts;
  recalls: Recalls;
  /** How long each mark still counts. */
  marks: Marks;
}

/** Tells Redis and other processes of marks, and keeps those that could not be told yet. */
export class Untold {
  readonly #options: UntoldOptions;
  readonly #users = new Set<string>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Since when Redis takes no marks (`performance.now()`). */
  #awaySince: number | undefined;

  constructor(options: UntoldOptions) {
    this.#options = options;
  }

  /**
   * Tells of a user's mark; should that fail, again and again until the mark is over. Never rejects.
   *
   * @returns once nobody holds a lease that says otherwise.
   */
  async tell(userId: string): Promise<void> {
    const forMs = Math.ceil(this.#options.marks.leftMs(userId));
    if (forMs === 0) return;
    const since = performance.now();
    if (await this.#isTold(userId, forMs)) {
      this.#awaySince = undefined;
      return;
    }
    this.#awaySince ??= since;
    this.#users.add(userId);
    this.#timer ??= setTimeout(() => this.retry(), againMs);
    // A Redis without memory takes no mark but gives up a key: without the epoch everybody counts as recent everywhere.
    await this.#options.redis.run((commands) => commands.del(epochKey)).catch(() => 0);
    // Leases that it gave before, it does not renew.
    await Bun.sleep(Math.max(0, this.#awaySince + leaseMs - performance.now()));
  }

  /** Tries again now what could not be told. */
  retry(): void {
    this.stop();
    const users = [...this.#users];
    this.#users.clear();
    for (const userId of users) void this.tell(userId);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Of a failure the client has told. */
  async #isTold(userId: string, forMs: number): Promise<boolean> {
    const { redis, scripts, recalls } = this.#options;
    let blindMs = 0;
    try {
      await recalls.call(userId, async (recall) => {
        const marked = await scripts.mark(userId, { forMs, by: recalls.id, recall });
        ({ blindMs } = marked);
        return marked;
      });
    } catch {
      return false;
    }
    // A Redis that this process has just found may have been another a moment ago, with leases that are lost.
    blindMs = Math.max(blindMs, redis.connection.since + leaseMs - performance.now());
    if (blindMs > 0) await Bun.sleep(blindMs);
    return true;
  }
}
