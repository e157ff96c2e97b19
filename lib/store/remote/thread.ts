/** A thread of its own that answers what it is asked, in turn. */
export interface Thread<Asked, Answer> extends Disposable {
  /** @throws {Error} with what the thread failed with, or the signal's reason; the thread goes on then, and nobody hears of it. */
  ask(asked: Asked, signal: AbortSignal): Promise<Answer>;
}

/** What goes to the thread, and what comes back: see `answerAsked`. */
export interface Envelope<Asked> {
  number: number;
  asked: Asked;
}
export type Reply<Answer> = { number: number } & ({ answer: Answer } | { reason: string });

/** Starts `script`, which calls `answerAsked`. The thread runs until this is disposed; then no answer comes any more. */
export function startThread<Asked, Answer>(script: URL): Thread<Asked, Answer> {
  const worker = new Worker(script.href);
  const waiting = new Map<number, PromiseWithResolvers<Answer>>();
  let last = 0;
  worker.addEventListener("message", ({ data }: MessageEvent<Reply<Answer>>) => {
    const asked = waiting.get(data.number);
    waiting.delete(data.number);
    if ("answer" in data) asked?.resolve(data.answer);
    else asked?.reject(new Error(data.reason));
  });
  const died = Promise.withResolvers<never>();
  worker.addEventListener("error", ({ message }) => died.reject(new Error(`the thread died: ${message}`)));
  worker.addEventListener("close", () => died.reject(new Error("the thread ended")));
  died.promise.catch(() => {
    // Whoever waits for an answer hears of it there.
  });
  return {
    async ask(asked, signal) {
      signal.throwIfAborted();
      const waits = Promise.withResolvers<Answer>();
      const number = (last += 1);
      waiting.set(number, waits);
      const abort = () => waits.reject(signal.reason);
      signal.addEventListener("abort", abort, { once: true });
      worker.postMessage({ number, asked } satisfies Envelope<Asked>);
      try {
        return await Promise.race([waits.promise, died.promise]);
      } finally {
        signal.removeEventListener("abort", abort);
      }
    },
    [Symbol.dispose]: () => worker.terminate(),
  };
}
