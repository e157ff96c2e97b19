/** No copy into the page cache takes as long, on however busy a machine: the system makes the writer wait for the disk. */
const slowMs = 50;
/** How long to keep off the loop then. */
const offLoopMs = 250;

/**
 * Decides whether the next write to a spool is made on the event loop. While the page cache takes what it is given, a
 * write there is a copy: a third less CPU than a trip to a thread, and Bun reads no further ahead on the other
 * connections meanwhile, which is half the memory of many parallel uploads (measured with 64: peaks of 135 to 160 MB
 * against 205 to 295). As soon as one waits for the disk, writes go to threads for a while, so that nobody else's
 * request waits with it.
 */
export class WritePace {
  #offLoopUntil = 0;

  get isOnLoop(): boolean {
    return performance.now() >= this.#offLoopUntil;
  }

  /** Tells how long a write on the loop took. */
  took(ms: number): void {
    if (ms >= slowMs) this.#offLoopUntil = performance.now() + offLoopMs;
  }
}
