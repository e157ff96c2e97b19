/**
 * Whether a missing mark may be believed. Redis can lose marks in two ways. It is emptied: then the epoch, a key that never
 * expires, is gone or has another value. Or it is started again with an older state of its data, epoch and all: then the
 * connection broke. Either way, until the window has passed, everybody counts as recent; after that, no mark that was lost
 * would count any more.
 */
export class Trust {
  readonly #windowMs: number;
  readonly #now: () => number;
  #epoch: string | null = null;
  #since: number;

  constructor(windowMs: number, now = () => performance.now()) {
    this.#windowMs = windowMs;
    this.#now = now;
    this.#since = now();
  }

  /** There is another connection: the old one's marks may be lost. */
  startOver(): void {
    this.#since = this.#now();
  }

  /** Takes note of the epoch that came with an answer. @returns whether the answer may be believed. */
  sees(epoch: string | null): boolean {
    if (epoch === null || epoch !== this.#epoch) {
      this.#epoch = epoch;
      this.startOver();
    }
    return this.#now() - this.#since >= this.#windowMs;
  }
}
