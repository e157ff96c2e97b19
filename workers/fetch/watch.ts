import { isFetching, noteFetch, type Transferred } from "#db/fetches.ts";
import type { Upload } from "#db/uploads.ts";
import { AppError } from "#lib/errors/mod.ts";

import type { WorkerContext } from "../context.ts";
import type { Job } from "../worker.ts";

/** How often a running transfer says how far it is, and finds out that it was cancelled. */
const everyMs = 1000;

/** One clock may be set, the other one stands still in a machine that is suspended. */
interface Clocks {
  wall: number;
  steady: number;
}

function clocks(): Clocks {
  return { wall: Date.now(), steady: performance.now() };
}

function msSince({ wall, steady }: Clocks): number {
  return Math.max(Date.now() - wall, performance.now() - steady);
}

/** Keeps an eye on the row of a transfer. */
export interface FetchWatch extends AsyncDisposable {
  /** Aborted once the row is no longer this worker's. */
  readonly gone: AbortSignal;
  /** Bytes that have come: noted on the row within a second. */
  received: number;
  /** Notes something now. @throws `gone`'s reason. */
  note(far: Partial<Transferred> & { name?: string }): Promise<void>;
  /**
   * That this worker may still write to the spool. One that stood still while another took over would mix two contents.
   *
   * @throws `gone`'s reason.
   */
  mustBeOurs(): Promise<void>;
}

export function watchFetch(ctx: WorkerContext, { lease }: Pick<Job, "lease">, { id, userId }: Upload): FetchWatch {
  const gone = new AbortController();
  const { LEASE_TTL, UPLOAD_TTL } = ctx.config;
  let noted = -1;
  // As its claim was: just now, and never later than a look begins.
  let sureAt = clocks();
  let looking: Promise<void> | null = null;

  async function write(far: Partial<Transferred> & { name?: string }): Promise<boolean> {
    const now = ctx.now();
    const isOurs = await noteFetch(ctx.catalog, lease, far, { now, expiresAt: now + UPLOAD_TTL });
    if (isOurs) await ctx.changed(userId);
    return isOurs;
  }

  async function during(look: () => Promise<boolean>): Promise<void> {
    const begin = clocks();
    if (!(await look())) gone.abort(new AppError("upload-closed", `the fetch of ${id} was cancelled or taken over`));
    gone.signal.throwIfAborted();
    sureAt = begin;
  }

  async function look(): Promise<void> {
    const { received } = watch;
    await during(() => (received === noted ? isFetching(ctx.catalog, lease) : write({ received })));
    noted = received;
  }

  const tick = () =>
    (looking ??= look()
      .catch((err: unknown) => {
        // Should the rows be away for long, `mustBeOurs` ends it.
        if (!gone.signal.aborted) ctx.log.warn({ err, uploadId: id }, "a fetch could not note how far it is");
      })
      .finally(() => {
        looking = null;
      }));
  const timer = setInterval(() => void tick(), everyMs);
  const watch: FetchWatch = {
    gone: gone.signal,
    received: 0,
    note: (far) => during(() => write(far)),
    async mustBeOurs() {
      gone.signal.throwIfAborted();
      if (msSince(sureAt) > LEASE_TTL / 2) await look();
    },
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await looking;
    },
  };
  return watch;
}
