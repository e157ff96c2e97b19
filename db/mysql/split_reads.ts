import { isAppError } from "#lib/errors/mod.ts";

import type { Catalog, Queries } from "../catalog.ts";
import type { CatalogLog } from "../catalog_log.ts";
import type { Recency } from "../recency.ts";
import type { Replica } from "./replica.ts";

export interface ReadSplitOptions {
  primary: Queries;
  replicas: Pick<Replica, "db" | "isFresh">[];
  recency: Recency;
  log: CatalogLog;
}

/** Reads on behalf of a user: from a replica that holds all that they wrote, one after the other, else from the primary. */
export function splitReads({ primary, replicas, recency, log }: ReadSplitOptions): Required<Pick<Catalog, "read" | "mayLag">> {
  let turn = 0;
  let isToldBlind = false;

  function isRecent(userId: string): boolean | Promise<boolean> {
    try {
      const isRecent = recency.isRecent(userId);
      return isRecent instanceof Promise ? isRecent.then(tell, tellBlind) : tell(isRecent);
    } catch (error) {
      return tellBlind(error);
    }
  }

  function tell(isRecent: boolean): boolean {
    isToldBlind = false;
    return isRecent;
  }

  function tellBlind(error: unknown): true {
    if (!isToldBlind) log.warn({ err: error }, "who wrote of late cannot be told: all reads go to the primary");
    isToldBlind = true;
    return true;
  }

  /** The next one that is fresh, in turn. */
  function next(): Pick<Replica, "db"> | undefined {
    const fresh = replicas.filter((replica) => replica.isFresh());
    return fresh[turn++ % fresh.length];
  }

  async function read<T>(userId: string, run: (db: Queries) => Promise<T>): Promise<T> {
    // In this order: a replica that is fresh after the user was not recent has all that they wrote.
    const isPrimary = !replicas.some((replica) => replica.isFresh()) || (await isRecent(userId));
    const replica = isPrimary ? undefined : next();
    if (!replica) return await run(primary);
    try {
      return await run(replica.db);
    } catch (error) {
      if (!isAppError(error, "unavailable")) throw error;
      return await run(primary);
    }
  }

  function mayLag(userId: string): boolean | Promise<boolean> {
    const recent = isRecent(userId);
    return recent instanceof Promise ? recent.then((is) => !is) : !recent;
  }

  return { read, mayLag };
}
