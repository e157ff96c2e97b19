import type { Message } from "./port.ts";

export interface HandlerPoolOptions {
  /** Handlers at once, at most; 1 or more. */
  concurrency: number;
  /** The next message, if there is one. */
  take: () => Message | undefined;
  handle: (message: Message, signal: AbortSignal) => Promise<void>;
  /** Told what a handler rejected with. Must not throw. */
  onError: (error: unknown, message: Message) => void;
}

/** The handlers of one consumer. */
export interface HandlerPool {
  /** Takes messages as long as there are any and a handler is free. */
  pump(): void;
  /** Takes no more; resolves once the handlers that run have ended. */
  stop(): Promise<void>;
  /** Takes no more, and aborts the signal of each handler that runs. */
  abort(reason: Error): void;
}

/** @throws {RangeError} for a concurrency that is not a whole number from 1. */
export function createHandlerPool(options: HandlerPoolOptions): HandlerPool {
  const { concurrency, take, handle, onError } = options;
  if (!Number.isInteger(concurrency) || concurrency < 1) throw new RangeError(`concurrency is ${concurrency}, must be 1 or more`);
  // A controller for each message: one for all would gather the listeners of every handler that ever ran.
  const running = new Map<AbortController, Promise<void>>();
  let taking = true;

  const run = async (message: Message, controller: AbortController) => {
    // Not on the publisher's stack.
    await Promise.resolve();
    try {
      await handle(message, controller.signal);
    } catch (error) {
      onError(error, message);
    }
    running.delete(controller);
    pump();
  };
  const pump = () => {
    while (running.size < concurrency) {
      const message = taking ? take() : undefined;
      if (message === undefined) return;
      const controller = new AbortController();
      running.set(controller, run(message, controller));
    }
  };
  return {
    pump,
    async stop() {
      taking = false;
      await Promise.all(running.values());
    },
    abort(reason) {
      taking = false;
      for (const controller of running.keys()) controller.abort(reason);
    },
  };
}
