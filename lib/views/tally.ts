/** Counts by key. */
export class Tally {
  #counts = new Map<string, number>();

  get size(): number {
    return this.#counts.size;
  }

  add(key: string, count = 1): void {
    this.#counts.set(key, this.of(key) + count);
  }

  of(key: string): number {
    return this.#counts.get(key) ?? 0;
  }

  /** All counts, which begin anew. */
  take(): Map<string, number> {
    const counts = this.#counts;
    this.#counts = new Map();
    return counts;
  }
}
