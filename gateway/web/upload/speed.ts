const windowMs = 6000;

/** Measures bytes per second over the last six seconds. */
export class Speed {
  #samples: { atMs: number; bytes: number }[] = [];

  /** Notes that `bytes` in all have been moved; a count that falls (a chunk sent again) starts anew. */
  note(bytes: number, atMs: number = performance.now()): void {
    if (bytes < (this.#samples.at(-1)?.bytes ?? 0)) this.#samples = [];
    this.#samples.push({ atMs, bytes });
    while (this.#samples.length > 2 && atMs - (this.#samples[0]?.atMs ?? atMs) > windowMs) this.#samples.shift();
  }

  /** Up to `atMs`, so that it falls while nothing moves. `null` until there is enough to tell: half a second. */
  bytesPerSecond(atMs: number = performance.now()): number | null {
    const [first, last] = [this.#samples[0], this.#samples.at(-1)];
    if (!first || !last || last.atMs - first.atMs < 500) return null;
    return ((last.bytes - first.bytes) * 1000) / (Math.max(atMs, last.atMs) - first.atMs);
  }

  reset(): void {
    this.#samples = [];
  }
}
