import type { RedisClient } from "../redis/mod.ts";
import { epochKey, markKey } from "./keys.ts";
import type { Marks } from "./marks.ts";

/** How long after a failure marks are tried again, unless the connection comes back before. */
const againMs = 250;

/** Tells Redis of marks, and keeps those that it has not taken yet. */
export class Untold {
  readonly #redis: RedisClient;
  readonly #marks: Marks;
  readonly #users = new Set<string>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param marks how long each mark still counts. */
  constructor(redis: RedisClient, marks: Marks) {
    this.#redis = redis;
    this.#marks = marks;
  }

  /** Tells Redis of a user's mark; should that fail, again and again until the mark is over. Never rejects. */
  async tell(userId: string): Promise<void> {
    const leftMs = Math.ceil(this.#marks.leftMs(userId));
    if (leftMs === 0 || (await this.#succeeds((commands) => commands.set(markKey(userId), "1", "PX", leftMs)))) return;
    // A Redis without memory takes no mark but gives up a key: without the epoch everybody counts as recent everywhere.
    await this.#succeeds((commands) => commands.del(epochKey));
    this.#users.add(userId);
    this.#timer ??= setTimeout(() => this.retry(), againMs);
  }

  /** Tries again now what Redis has not taken. */
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
  async #succeeds(work: Parameters<RedisClient["run"]>[0]): Promise<boolean> {
    return await this.#redis.run(work).then(
      () => true,
      () => false,
    );
  }
}
