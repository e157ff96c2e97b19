import { AppError } from "../../errors/mod.ts";

/** A time limit that a caller's signal may cut short. */
export interface Deadline {
  /** Fires with the caller's reason, or when time is up with `unavailable`. */
  signal: AbortSignal;
  /** Settles as `work` does, or rejects with the signal's reason, whichever is first. */
  race<T>(work: Promise<T>): Promise<T>;
  /** Whether time is up, rather than the caller's patience. */
  isOver(): boolean;
  /** Fires the signal with this reason. */
  fail(reason: unknown): void;
  /** To be called at the end: it frees the timer. */
  clear(): void;
}

/** @param action what takes the time, for the error's text. */
export function createDeadline(action: string, ms: number, caller?: AbortSignal): Deadline {
  const controller = new AbortController();
  const { signal } = controller;
  const failed = Promise.withResolvers<never>();
  // It may be that nobody races.
  failed.promise.catch(() => {});
  signal.addEventListener("abort", () => failed.reject(signal.reason), { once: true });
  let isOver = false;
  const timer = setTimeout(() => {
    isOver = true;
    controller.abort(new AppError("unavailable", `${action}: RabbitMQ did not answer within ${ms} ms`));
  }, ms);
  const obey = () => controller.abort(caller?.reason);
  if (caller?.aborted) obey();
  else caller?.addEventListener("abort", obey, { once: true });
  return {
    signal,
    race: async (work) => await Promise.race([work, failed.promise]),
    isOver: () => isOver,
    fail: (reason) => controller.abort(reason),
    clear() {
      clearTimeout(timer);
      caller?.removeEventListener("abort", obey);
    },
  };
}

/** Settles as `work` does, or rejects when time is up or the caller's signal fires. */
export async function within<T>(
  { action, ms, signal }: { action: string; ms: number; signal?: AbortSignal | undefined },
  work: Promise<T>,
): Promise<T> {
  const deadline = createDeadline(action, ms, signal);
  return await deadline.race(work).finally(() => deadline.clear());
}
