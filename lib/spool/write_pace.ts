/** No copy into the page cache takes as long: the system makes the writer wait for the disk, or gives the core to others. */
const slowMs = 50;
/** Where cores are short, one write in many takes 50 ms; where the disk is, the next one does as well. */
const againMs = 1000;
/** Nobody waits as long for a core. */
const surelyMs = 250;
/** How long to keep off the loop then. */
const offLoopMs = 250;

/**
 * Decides whether the next write to a spool is made on the event loop. While the page cache takes what it is given, a
 * write there is a copy: a third less CPU than a trip to a thread, and Bun reads no further ahead on the other
 * connections meanwhile, which is half the memory of many parallel uploads (measured with 64: peaks of 135 to 160 MB
 * against 205 to 295). As soon as they wait for the disk (the second within a second does), they go to threads
 * for a while, so that nobody else's request waits with them.
 */
export class WritePace {
  #offLoopUntil = 0;
  #slowAt = Number.NEGATIVE_INFINITY;

  get isOnLoop(): boolean {
    return performance.now() >= this.#offLoopUntil;
  }

  /** Tells how long a write on the loop took. */
  took(ms: number): void {
    if (ms < slowMs) return;
    const now = performance.now();
    if (ms >= surelyMs || now - this.#slowAt < againMs) this.#offLoopUntil = now + offLoopMs;
    this.#slowAt = now;
  }
}

/** Runs on the loop what may have to wait for the disk, and tells the pace how long it took. */
export function timed<T>(pace: WritePace, run: () => T): T {
  const begin = performance.now();
  const result = run();
  pace.took(performance.now() - begin);
  return result;
}
