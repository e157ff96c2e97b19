/** Notices that the other side has stopped: it is told when it is waited for, and when it has moved. */
export interface Stall {
  /** Aborted once it was waited for too long in one go. */
  signal: AbortSignal;
  /** A body whose reader is waited for from each piece until it asks for the next, and after the last one for its answer. */
  watch(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array>;
  wait(): void;
  /** Nothing is waited for any more. */
  end(): void;
}

/** @param reason what the signal is aborted with. */
export function createStall(limitMs: number, reason: () => Error): Stall {
  const controller = new AbortController();
  let timer: Timer | undefined;
  let isOver = false;
  const stop = () => clearTimeout(timer);
  const wait = () => {
    stop();
    if (!isOver) timer = setTimeout(() => controller.abort(reason()), limitMs);
  };
  return {
    signal: controller.signal,
    wait,
    end: () => {
      isOver = true;
      stop();
    },
    async *watch(body) {
      // Before each piece it is the client who is waited for: the server's idle timeout sees to that.
      stop();
      for await (const piece of body) {
        wait();
        yield piece;
        stop();
      }
      wait();
    },
  };
}
