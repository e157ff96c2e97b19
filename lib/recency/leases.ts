import { LRUCache } from "lru-cache";

/** How long a lease lasts, milliseconds: at most so long does a change wait for a process that does not answer. */
export const leaseMs = 500;
/** The holder gives it up a little earlier: for clocks that do not run alike, and for what Redis rounds. */
const heldMs = 0.9 * leaseMs;
/** How many are held at most. */
const maxHeld = 10_000;

/**
 * The leases that this process holds (Gray and Cheriton, "Leases", 1989): of each such user it is known that they have no
 * mark, and whoever makes one waits until this process has given the lease back, or until it is over.
 */
export class Leases {
  readonly #until = new LRUCache<string, number>({ max: maxHeld });
  readonly #now: () => number;

  constructor(now = () => performance.now()) {
    this.#now = now;
  }

  /** @param askedAt when Redis was asked for it (`performance.now()`): it began no earlier. */
  grant(userId: string, askedAt: number): void {
    this.#until.set(userId, askedAt + heldMs);
  }

  has(userId: string): boolean {
    return this.#now() < (this.#until.get(userId) ?? 0);
  }

  clear(): void {
    this.#until.clear();
  }
}
