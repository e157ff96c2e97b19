import type { Catalog } from "#db/mod.ts";
import { isSessionLive, revokedSince } from "#db/sessions.ts";
import { AppError } from "#lib/errors/mod.ts";
import type { Lifecycle } from "#lib/lifecycle/mod.ts";
import type { Queue } from "#lib/queue/mod.ts";
import type { Logger } from "#lib/telemetry/mod.ts";

/** The sessions whose access tokens are dead before their time. */
export interface Revocations {
  /** Makes revocations known that this gateway has just committed. */
  add(sessionIds: Iterable<string>): void;
  /**
   * Whether the session was revoked, on any gateway, up to a second ago; exact for revocations of this one.
   *
   * @throws {AppError} `unavailable` when the catalog must be asked and cannot be read.
   */
  has(sessionId: string): Promise<boolean>;
  /** Whether {@link has} would be false without asking the catalog. */
  surelyHasNot(sessionId: string): boolean;
}

/** What {@link createRevocations} stands on. */
export interface RevocationsOptions {
  catalog: Catalog;
  lifecycle: Lifecycle;
  log: Logger;
  /** Milliseconds for which a revocation is kept: the life of an access token. */
  keepMs: number;
  /** Epoch milliseconds. */
  now: () => number;
  /** Tells other gateways of a revocation, and hears of theirs. What is lost of it is found by the next look. */
  hints?: Pick<Queue, "notify" | "onNotify">;
  /** Milliseconds between two looks at the catalog. */
  everyMs?: number;
}

/** What gateways tell each other by; no user's id. */
const hintTopic = "revocations";
/** A look at the catalog counts for so long: what was revoked later than this is promised to no one yet. */
const freshMs = 1_000;
/**
 * How far each look reaches back behind the one before. A row's time is taken by its writer's clock, and before its
 * transaction commits: it may turn up later than a row with a later time.
 */
const overlapMs = 60_000;

/**
 * Follows the revocations of all gateways in a set kept in memory, by looking into the catalog every `everyMs`.
 * That the set is complete is known only as of the start of the last look that succeeded; once that is more than
 * a second ago (catalog down, event loop blocked, not yet begun), every question is put to the catalog instead.
 */
export function createRevocations(options: RevocationsOptions): Revocations {
  const { catalog, lifecycle, log, keepMs, now, hints, everyMs = 500 } = options;
  const forgottenAt = new Map<string, number>();
  let since = now() - keepMs - overlapMs;
  let completeAsOf = Number.NEGATIVE_INFINITY;
  let failing = false;

  async function look(): Promise<void> {
    const [started, at] = [performance.now(), now()];
    for (const { id, revokedAt } of await revokedSince(catalog.db, since)) remember(id, revokedAt);
    completeAsOf = started;
    since = at - overlapMs;
    for (const [id, until] of forgottenAt) if (until < at) forgottenAt.delete(id);
  }

  function remember(id: string, revokedAt: number): void {
    forgottenAt.set(id, revokedAt + keepMs + overlapMs);
  }

  async function lookAndTell(): Promise<void> {
    try {
      await look();
      if (failing) log.info("revocations can be read again");
      failing = false;
    } catch (error) {
      // Said once, not every half second; meanwhile `has` asks the catalog, and tells its callers.
      if (!failing) log.warn({ err: error }, "revocations cannot be read");
      failing = true;
    }
  }

  const isFresh = () => performance.now() - completeAsOf <= freshMs;

  const lookNow = repeat(lookAndTell, everyMs, lifecycle);
  hints?.onNotify((topic) => topic === hintTopic && lookNow());
  return {
    add: (ids) => {
      for (const id of ids) remember(id, now());
      hints?.notify(hintTopic);
    },
    has: async (id) => forgottenAt.has(id) || (!isFresh() && !(await isLive(catalog, id))),
    surelyHasNot: (id) => !forgottenAt.has(id) && isFresh(),
  };
}

async function isLive(catalog: Catalog, sessionId: string): Promise<boolean> {
  try {
    return await isSessionLive(catalog.db, sessionId);
  } catch (cause) {
    throw new AppError("unavailable", "whether this token still holds cannot be told now: try again in a second", {
      cause,
      retryAfterSeconds: 1,
    });
  }
}

/**
 * Runs `task` now and every `everyMs`, never twice at once, until the lifecycle stops.
 *
 * @returns what has it run at once, or once more after the run that is under way.
 */
function repeat(task: () => Promise<void>, everyMs: number, lifecycle: Lifecycle): () => void {
  let running: Promise<void> | undefined;
  let isAskedAgain = false;
  const tick = () => {
    running ??= task().finally(() => {
      running = undefined;
      if (!isAskedAgain) return;
      isAskedAgain = false;
      tick();
    });
  };
  tick();
  const timer = setInterval(tick, everyMs);
  timer.unref();
  lifecycle.onStop("revocations", async () => {
    clearInterval(timer);
    isAskedAgain = false;
    await running;
  });
  return () => {
    isAskedAgain = running !== undefined;
    tick();
  };
}
