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
  /** Whether a request for a chunk has its turn now. */
  isRunning(uploadId: string, index: number): boolean;
  /** Aborts every chunk of an upload with `reason`, and waits until they have let go. */
  abort(uploadId: string, reason: Error): Promise<void>;
}

interface Running {
  controller: AbortController;
  settled: Promise<unknown>;
}

export function createInflight(): Inflight {
  const uploads = new Map<string, Map<number, Running>>();
  return {
    async run(uploadId, index, signal, receive) {
      const chunks = uploads.getOrInsertComputed(uploadId, () => new Map<number, Running>());
      const previous = chunks.get(index);
      const controller = new AbortController();
      const done = Promise.withResolvers<void>();
      const running = { controller, settled: done.promise };
      chunks.set(index, running);
      try {
        previous?.controller.abort(new AppError("chunk-preempted", `a later request for chunk ${index} took over`));
        await previous?.settled;
        const either = AbortSignal.any([signal, controller.signal]);
        either.throwIfAborted();
        return await receive(either);
      } finally {
        done.resolve();
        if (chunks.get(index) === running) chunks.delete(index);
        if (chunks.size === 0 && uploads.get(uploadId) === chunks) uploads.delete(uploadId);
      }
    },
    isRunning: (uploadId, index) => uploads.get(uploadId)?.has(index) ?? false,
    async abort(uploadId, reason) {
      const running = [...(uploads.get(uploadId)?.values() ?? [])];
      for (const { controller } of running) controller.abort(reason);
      await Promise.all(running.map(({ settled }) => settled));
    },
  };
}
