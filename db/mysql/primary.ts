import { AppError } from "#lib/errors/mod.ts";

import type { Catalog, Queries } from "../catalog.ts";
import { Failure, isReadOnly } from "./failure.ts";
import type { Link } from "./link.ts";
import type { Links } from "./links.ts";
import type { Patience } from "./patience.ts";
import { queriesOver } from "./queries.ts";

/** The primary: statements and transactions that ride out what passes, and else fail as `unavailable`. */
export function overPrimary(links: Links, patience: Patience): Pick<Catalog, "db" | "transaction"> {
  return {
    // What gives rows changes nothing, and may be asked twice.
    db: queriesOver((sql, params, method) =>
      patience.persist(() => links.use((link) => link.run(sql, params, method)), method === "all"),
    ),
    // Until its commit is sent, a transaction whose connection ends is as if it had never been.
    transaction: (run) => patience.persist(() => links.use((link) => transact(link, run)), true),
  };
}

async function transact<T>(link: Link, run: (tx: Queries) => Promise<T>): Promise<T> {
  await link.run("begin", [], "execute");
  const result = await run(link.db).catch(async (error: unknown) => {
    if (!link.failure) await rollback(link);
    throw link.failure ?? error;
  });
  // After a deadlock there is no transaction any more: whoever caught that error was not to be listened to.
  if (link.failure) throw link.failure;
  await commit(link);
  return result;
}

/** Where it fails, the link's end ends the transaction just as well. */
async function rollback(link: Link): Promise<void> {
  await link.run("rollback", [], "execute").catch((error: unknown) => {
    if (!(error instanceof Failure)) throw error;
  });
}

async function commit(link: Link): Promise<void> {
  try {
    await link.run("commit", [], "execute");
  } catch (error) {
    if (!(error instanceof Failure) || error.kind === "conflict" || isReadOnly(error)) throw error;
    const message = "the database went away while it was to keep this; whether it did is not known: look, then try again";
    throw new AppError("unavailable", message, { cause: error.cause, retryAfterSeconds: 5 });
  }
}
