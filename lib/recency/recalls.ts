import { newId } from "../id/mod.ts";
import type { RedisClient } from "../redis/mod.ts";
import { channelOf, leaseKey } from "./keys.ts";
import type { Leases } from "./leases.ts";
import type { Marks } from "./marks.ts";

export interface RecallsOptions {
  /** A connection of its own, which hears. */
  ear: RedisClient;
  /** The one that speaks. */
  redis: RedisClient;
  marks: Marks;
  leases: Leases;
}

/** A lease that was called back of some process, and has not been given back yet. */
interface Recall {
  returned: Set<string>;
  /** Called whenever one more has given it back. */
  heard: () => void;
}

/** How often Redis is asked for a sign of life on a connection that only hears. */
const pulseMs = 1000;

/**
 * Leases called back and given back, between processes, by messages of Redis. A process that does not hear holds no lease.
 */
export class Recalls {
  /** This process, as holder of leases. */
  readonly id = newId();
  readonly #options: RecallsOptions;
  readonly #open = new Map<string, Recall>();
  readonly #pulse: ReturnType<typeof setInterval>;
  #count = 0;
  #term = 0;
  #isHearing = false;

  private constructor(options: RecallsOptions) {
    this.#options = options;
    const { ear } = options;
    this.#pulse = setInterval(() => this.#feel(), pulseMs).unref();
    ear.onLost(() => this.#deaf());
    ear.onBack(() => void this.#hear());
  }

  /** Resolves once it hears, if Redis lets it. */
  static async begin(options: RecallsOptions): Promise<Recalls> {
    const recalls = new Recalls(options);
    await recalls.#hear();
    return recalls;
  }

  /** Who may be given leases, and since when: a lease of an earlier term is none. `undefined` while nothing is heard. */
  get holder(): { id: string; term: number } | undefined {
    return this.#isHearing ? { id: this.id, term: this.#term } : undefined;
  }

  /**
   * Calls one user's leases back.
   *
   * @param send sends the message it is given to those who hold one, and says who they are.
   * @returns once all of them have given it back, or all those leases are over.
   */
  async call(userId: string, send: (message: string) => Promise<{ holders: string[]; leaseMs: number }>): Promise<void> {
    const ticket = String(this.#count++);
    const all = Promise.withResolvers<void>();
    let holders: string[] | undefined;
    const recall: Recall = {
      returned: new Set(),
      // One may give it back before it is known who they are.
      heard: () => holders?.every((holder) => recall.returned.has(holder)) === true && all.resolve(),
    };
    this.#open.set(ticket, recall);
    try {
      const sent = await send(`recall ${this.id} ${ticket} ${userId}`);
      holders = sent.holders;
      recall.heard();
      if (holders.length > 0) await withinMs(all.promise, sent.leaseMs);
    } finally {
      this.#open.delete(ticket);
    }
  }

  stop(): void {
    clearInterval(this.#pulse);
    this.#deaf();
  }

  async #hear(): Promise<void> {
    try {
      await this.#options.ear.subscribe(channelOf(this.id), (message) => this.#take(message));
      this.#term += 1;
      this.#isHearing = true;
    } catch {
      // Its client has told; the next connection may be let.
    }
  }

  #deaf(): void {
    this.#isHearing = false;
    this.#options.leases.clear();
  }

  /** A connection that broke without a word is found by this: its client drops it where no answer comes. */
  #feel(): void {
    this.#options.ear.run((commands) => commands.ping()).catch(() => {});
  }

  #take(message: string): void {
    const [what, from = "", ticket = "", userId = ""] = message.split(" ");
    if (what === "recall") this.#giveBack(from, ticket, userId);
    else if (what === "returned") this.#returned(from, ticket);
  }

  /** The mark first: whoever asks from here on is told of the change. */
  #giveBack(to: string, ticket: string, userId: string): void {
    const { marks, redis } = this.#options;
    marks.add(userId);
    const say = redis.run(async (commands) => {
      await Promise.all([
        commands.zrem(leaseKey(userId), this.id),
        commands.publish(channelOf(to), `returned ${this.id} ${ticket}`),
      ]);
    });
    // Unheard, it is waited for until the lease is over.
    say.catch(() => {});
  }

  #returned(from: string, ticket: string): void {
    const recall = this.#open.get(ticket);
    recall?.returned.add(from);
    recall?.heard();
  }
}

async function withinMs(done: Promise<void>, ms: number): Promise<void> {
  const over = Promise.withResolvers<void>();
  const timer = setTimeout(over.resolve, ms);
  await Promise.race([done, over.promise]);
  clearTimeout(timer);
}
