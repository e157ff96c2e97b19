import { eq, lt } from "drizzle-orm";

import { affectedRows } from "../errors.ts";
import { heartbeats } from "../schema.ts";
import { failureIn, isUnreachable } from "./failure.ts";
import type { Links } from "./links.ts";
import { repeat } from "./repeat.ts";

/** This process's row on the primary, written anew twice a second. */
export interface Heartbeat {
  readonly id: string;
  /** The newest time that the primary has taken. */
  readonly writtenAt: number;
  /** Whether the primary is away, as far as the network can tell: then nobody writes to it. */
  readonly isAway: boolean;
  /** Ends it and removes the row. */
  stop(): Promise<void>;
}

const everyMs = 500;
/** A row that nobody wrote for so long is a dead process's. */
const deadMs = 24 * 3_600_000;

/**
 * @param links to the primary, which nobody else waits for.
 * @param clock epoch milliseconds, of a clock that never goes back.
 */
export function startHeartbeat(links: Links, clock: () => number): Heartbeat {
  const id = crypto.randomUUID().replaceAll("-", "").slice(0, 26);
  let [writtenAt, isAway, hasSwept] = [Number.NEGATIVE_INFINITY, false, false];

  async function write(): Promise<void> {
    const at = Math.floor(clock());
    await links.use(async ({ db }) => {
      const updated = await db.update(heartbeats).set({ at }).where(eq(heartbeats.id, id));
      if (affectedRows(updated) === 0) await db.insert(heartbeats).values({ id, at });
      if (!hasSwept) await db.delete(heartbeats).where(lt(heartbeats.at, at - deadMs));
    });
    hasSwept = true;
    writtenAt = at;
  }

  /** A beat that fails is not told: the replicas that age by it are. */
  async function beat(): Promise<void> {
    try {
      await write();
      isAway = false;
    } catch (error) {
      const failure = failureIn(error);
      isAway = failure !== undefined && isUnreachable(failure);
    }
  }

  const end = repeat(beat, everyMs);
  return {
    id,
    get writtenAt() {
      return writtenAt;
    },
    get isAway() {
      return isAway;
    },
    stop: async () => {
      await end();
      // Where the primary is away, another process removes the row in a day.
      const removed = links.use(({ db }) => db.delete(heartbeats).where(eq(heartbeats.id, id)));
      await removed.catch((error: unknown) => {
        if (!failureIn(error)) throw error;
      });
    },
  };
}
