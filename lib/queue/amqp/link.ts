import { backoffMs } from "./backoff.ts";
import { fired } from "./fired.ts";
import type { Session } from "./session.ts";

export interface LinkOptions<T> {
  open: (signal: AbortSignal) => Promise<Session>;
  /** Builds on a new connection all that is to be there. When it rejects, the connection is dropped and tried anew. */
  setUp: (session: Session) => Promise<T>;
  /** Told of each loss, and why there is no new connection, once for each reason. */
  onError: (error: unknown) => void;
}

/** A connection that comes back. */
export interface Link<T> {
  /** What `setUp` built on the connection that works now, if one does. */
  current(): Live<T> | undefined;
  /** Ends the connection, and trying for one. */
  close(): Promise<void>;
}

export interface Live<T> {
  session: Session;
  parts: T;
}

/** Connecting is given this long, building on it, too. */
const setUpMs = 30_000;
/** A connection that held for so long was a good one: after it the waits begin anew. */
const steadyMs = 10_000;

/**
 * Keeps a connection for as long as it is not closed: after a loss it tries again for ever, waiting longer each time, up
 * to 10 s. The one place in which connections are made anew, whatever ended them.
 *
 * amqplib's own recovery is not used: while `setUp` runs it listens for neither `error` nor `close`, sets no limit to it,
 * and leaves the socket of a frozen broker open.
 *
 * @throws what the first attempt rejects with: a drive that cannot start says so.
 */
export async function openLink<T>({ open, setUp, onError }: LinkOptions<T>): Promise<Link<T>> {
  const closing = new AbortController();
  const build = async (session: Session): Promise<Live<T>> => {
    const timer = setTimeout(() => session.drop(new Error(`not set up within ${setUpMs} ms`)), setUpMs);
    const giveUp = () => session.drop(closing.signal.reason);
    closing.signal.addEventListener("abort", giveUp, { once: true });
    try {
      const parts = await setUp(session);
      session.lost.throwIfAborted();
      return { session, parts };
    } catch (error) {
      session.drop(error);
      throw error;
    } finally {
      clearTimeout(timer);
      closing.signal.removeEventListener("abort", giveUp);
    }
  };
  const start = async () => await build(await open(closing.signal));
  let live: Live<T> | undefined = await start();

  const again = async (failures: number): Promise<Live<T>> => {
    let told = "";
    for (let failed = failures; ; failed += 1) {
      await pause(backoffMs(failed), closing.signal);
      closing.signal.throwIfAborted();
      try {
        return await start();
      } catch (error) {
        closing.signal.throwIfAborted();
        if (String(error) !== told) onError(error);
        told = String(error);
      }
    }
  };
  const keep = async (first: Live<T>) => {
    let failures = 0;
    for (let at = first; ; at = live = await again(failures)) {
      const since = performance.now();
      // One that came to be in the moment of closing.
      if (closing.signal.aborted) return at.session.drop(closing.signal.reason);
      await fired(at.session.lost);
      if (closing.signal.aborted) return;
      failures = performance.now() - since >= steadyMs ? 0 : failures + 1;
      onError(at.session.lost.reason);
    }
  };
  const kept = keep(live).catch((error: unknown) => {
    if (!closing.signal.aborted) onError(error);
  });
  return {
    current: () => (live === undefined || live.session.lost.aborted ? undefined : live),
    async close() {
      closing.abort(new Error("the queue is closed"));
      await live?.session.close();
      await kept;
      live = undefined;
    },
  };
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  await Promise.race([promise, fired(signal)]);
  clearTimeout(timer);
}
