import { AppError } from "#lib/errors/mod.ts";

/** The chunks that this gateway is receiving now: one request each, the newest. */
export interface Inflight {
  /**
   * Runs `receive` as the one request for a chunk. One that still runs for the same chunk is aborted first, and
   * has let go of the file before `receive` begins.
   *
   * @throws {AppError} `chunk-preempted` when a later request took over.
   */
  run<T>(uploadId: string, index: number, signal: AbortSignal, receive: (signal: AbortSignal) => Promise<T>): Promise<T>;
  /**
   * As `run`, for a chunk that is awaited whole and then taken at once: `take` is called in the turn in which `read` gives it, and not
   * when the request was aborted by then. It holds no file meanwhile, so no signal is needed.
   */
  runAtOnce<B, T>(uploadId: string, index: number, read: () => Promise<B>, take: (bytes: B) => T): Promise<T>;
  /** Aborts every chunk of an upload with `reason`, and waits until they have let go. */
  abort(uploadId: string, reason: Error): Promise<void>;
}

interface Running {
  abort: (reason: Error) => void;
  /** When the file is let go of; `undefined` where nobody holds it. */
  settled: Promise<unknown> | undefined;
}

export function createInflight(): Inflight {
  const uploads = new Map<string, Map<number, Running>>();

  /** Takes the place of who came before, who is aborted. @returns that one, and what is to be called at the end. */
  function enter(uploadId: string, index: number, running: Running): { previous: Running | undefined; leave: () => void } {
    const chunks = uploads.getOrInsertComputed(uploadId, () => new Map<number, Running>());
    const previous = chunks.get(index);
    chunks.set(index, running);
    previous?.abort(new AppError("chunk-preempted", `a later request for chunk ${index} took over`));
    const leave = () => {
      if (chunks.get(index) === running) chunks.delete(index);
      if (chunks.size === 0 && uploads.get(uploadId) === chunks) uploads.delete(uploadId);
    };
    return { previous, leave };
  }

  return {
    async run(uploadId, index, signal, receive) {
      const controller = new AbortController();
      const done = Promise.withResolvers<void>();
      const running = { abort: (reason: Error) => controller.abort(reason), settled: done.promise };
      const { previous, leave } = enter(uploadId, index, running);
      try {
        await previous?.settled;
        const either = AbortSignal.any([signal, controller.signal]);
        either.throwIfAborted();
        return await receive(either);
      } finally {
        done.resolve();
        leave();
      }
    },
    async runAtOnce<B, T>(uploadId: string, index: number, read: () => Promise<B>, take: (bytes: B) => T) {
      const { promise, resolve, reject } = Promise.withResolvers<T>();
      let aborted: Error | undefined;
      const abort = (reason: Error) => {
        aborted = reason;
        reject(reason);
      };
      const running: Running = { abort, settled: undefined };
      const { previous, leave } = enter(uploadId, index, running);
      // It has no file itself, but who comes next must wait for the one before.
      running.settled = previous?.settled;
      const throwIfAborted = () => {
        if (aborted) throw aborted;
      };
      const receive = async () => {
        if (running.settled) await running.settled;
        throwIfAborted();
        const bytes = await read();
        throwIfAborted();
        return take(bytes);
      };
      receive().then(resolve, reject);
      try {
        return await promise;
      } finally {
        leave();
      }
    },
    async abort(uploadId, reason) {
      const running = [...(uploads.get(uploadId)?.values() ?? [])];
      for (const { abort } of running) abort(reason);
      await Promise.all(running.map(async ({ settled }) => await settled));
    },
  };
}
