/** The users marked by this process within the last window. */
export class Marks {
  /** When each mark is over; in the order of that, since all live equally long. */
  readonly #until = new Map<string, number>();
  readonly #windowMs: number;
  readonly #now: () => number;

  constructor(windowMs: number, now = () => performance.now()) {
    this.#windowMs = windowMs;
    this.#now = now;
  }

  add(userId: string): void {
    this.#forgetOld();
    // Anew, to keep the order.
    this.#until.delete(userId);
    this.#until.set(userId, this.#now() + this.#windowMs);
  }

  has(userId: string): boolean {
    return this.leftMs(userId) > 0;
  }

  /** How much longer the mark counts; 0 when there is none. */
  leftMs(userId: string): number {
    return Math.max(0, (this.#until.get(userId) ?? 0) - this.#now());
  }

  get size(): number {
    return this.#until.size;
  }

  clear(): void {
    this.#until.clear();
  }

  #forgetOld(): void {
    for (const [userId, until] of this.#until) {
      if (until > this.#now()) return;
      this.#until.delete(userId);
    }
  }
}
