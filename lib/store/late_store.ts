import { AppError, isAppError } from "../errors/mod.ts";
import type { Store } from "./port.ts";

/** How long after a failure it is not tried again. */
const pauseMs = 5000;

/**
 * A store that could not be reached when the drive started, and is opened with the first call that finds it back. Until then it
 * is `unavailable`, and the drive goes on with the others.
 *
 * @param engine as it will call itself.
 */
export function lateStore(engine: string, open: () => Promise<Store>): Store {
  let opened: Store | undefined;
  let opening: Promise<Store> | undefined;
  let failure: { error: AppError; at: number } | undefined;
  const store = async (signal: AbortSignal): Promise<Store> => {
    signal.throwIfAborted();
    if (opened !== undefined) return opened;
    if (failure !== undefined && performance.now() < failure.at + pauseMs) throw failure.error;
    opening ??= open().finally(() => (opening = undefined));
    try {
      return (opened = await opening);
    } catch (error) {
      failure = { error: asAway(error), at: performance.now() };
      throw failure.error;
    }
  };
  const { signal: never } = new AbortController();
  return {
    engine,
    put: async (key, source, signal) => (await store(signal)).put(key, source, signal),
    spansToDigest: (size) => opened?.spansToDigest(size) ?? [],
    get: async (key, range, signal) => (await store(signal)).get(key, range, signal),
    head: async (key, signal) => (await store(signal)).head(key, signal),
    delete: async (key, signal) => (await store(signal)).delete(key, signal),
    path: (key) => opened?.path(key) ?? null,
    signedUrl: async (key, options) => (await store(never)).signedUrl(key, options),
    list: async (options, signal) => (await store(signal)).list(options, signal),
    countStale: async (before, signal) => (await store(signal)).countStale(before, signal),
    sweep: async (before, signal) => (await store(signal)).sweep(before, signal),
    check: async (signal) => (await store(signal)).check(signal),
    close: async () => opened?.close(),
  };
}

/** Whatever it is by now, it may pass, and it did not keep the drive from starting. */
function asAway(error: unknown): AppError {
  if (isAppError(error, "unavailable")) return error;
  return new AppError("unavailable", error instanceof AppError ? error.message : "the store cannot be opened", { cause: error });
}
