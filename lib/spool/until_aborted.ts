/**
 * The items of `source` until `signal` is aborted, whose reason is then thrown at once, even while an item is awaited.
 * The source is let go (its `return()` is called) however the loop ends.
 */
export async function* untilAborted<T>(source: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T, void, undefined> {
  const iterator = source[Symbol.asyncIterator]();
  let wake: (() => void) | null = null;
  // Not Promise.race with one promise of the abort: that would hold on to every item asked for in a body of terabytes.
  const next = () =>
    new Promise<IteratorResult<T> | null>((resolve, reject) => {
      wake = () => resolve(null);
      iterator.next().then(resolve, reject);
    });
  const abort = () => wake?.();
  signal.addEventListener("abort", abort, { once: true });
  try {
    for (;;) {
      signal.throwIfAborted();
      const item = await next();
      signal.throwIfAborted();
      if (item === null || item.done) return;
      yield item.value;
    }
  } finally {
    signal.removeEventListener("abort", abort);
    letGo(iterator);
  }
}

/**
 * Not awaited: return() of a stream's iterator waits for the item that is still asked for (Web IDL, "asynchronous
 * iterator return"), which a stalled client never sends. How the source takes it changes nothing any more.
 */
function letGo(iterator: AsyncIterator<unknown>): void {
  const done = async () => iterator.return?.();
  done().catch(() => {});
}
