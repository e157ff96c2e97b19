/**
 * The items of `source` until `signal` is aborted, whose reason is then thrown at once, even while an item is awaited.
 * The source is let go (its `return()` is called) however the loop ends.
 */
export function untilAborted<T>(source: AsyncIterable<T>, signal: AbortSignal): AsyncIterable<T> {
  return { [Symbol.asyncIterator]: () => new UntilAborted(source[Symbol.asyncIterator](), signal) };
}

/** By hand: a generator around each piece of a body costs as much as its checksum. */
class UntilAborted<T> implements AsyncIterator<T> {
  readonly #source: AsyncIterator<T>;
  readonly #signal: AbortSignal;
  /** Of the item that is awaited. */
  #reject: (reason: unknown) => void = () => {};

  constructor(source: AsyncIterator<T>, signal: AbortSignal) {
    this.#source = source;
    this.#signal = signal;
    signal.addEventListener("abort", this.#abort, { once: true });
  }

  // Not Promise.race with one promise of the abort: that would hold on to every item asked for in a body of terabytes.
  next(): Promise<IteratorResult<T>> {
    return new Promise<IteratorResult<T>>((resolve, reject) => {
      this.#reject = (reason) => {
        this.#letGo();
        reject(reason);
      };
      if (this.#signal.aborted) return this.#reject(this.#signal.reason);
      this.#source.next().then((item) => {
        if (this.#signal.aborted) return this.#reject(this.#signal.reason);
        if (item.done) this.#letGo();
        resolve(item);
      }, this.#reject);
    });
  }

  async return(): Promise<IteratorResult<T>> {
    this.#letGo();
    return { done: true, value: undefined };
  }

  readonly #abort = (): void => this.#reject(this.#signal.reason);

  /**
   * Not awaited: return() of a stream's iterator waits for the item that is still asked for (Web IDL, "asynchronous
   * iterator return"), which a stalled client never sends. How the source takes it changes nothing any more.
   */
  #letGo(): void {
    this.#signal.removeEventListener("abort", this.#abort);
    const done = async () => this.#source.return?.();
    done().catch(() => {});
  }
}
