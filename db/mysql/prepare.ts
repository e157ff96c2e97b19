import { AppError } from "#lib/errors/mod.ts";

import type { Address } from "./address.ts";
import { failureIn, reasonOf } from "./failure.ts";
import { createLinks } from "./links.ts";
import { migrateTables } from "./migrate.ts";
import { createPatience } from "./patience.ts";

/** A statement of a migration may rewrite a large table. */
const statementMs = 3_600_000;

/**
 * Migrates the database that `DATABASE_URL` names, once it can be reached: for ten seconds it is waited for.
 *
 * @throws {AppError} `invalid-request` or `unavailable`, for whoever starts the drive; it names the variable, and no secret.
 */
export async function prepareDatabase(address: Address): Promise<void> {
  const links = createLinks(address, { limit: 1, timeoutMs: statementMs });
  try {
    await createPatience().persist(() => links.use(migrateTables).catch(throwFailure), true);
  } catch (error) {
    throw explain(address, error);
  } finally {
    await links.close();
  }
}

function throwFailure(error: unknown): never {
  throw failureIn(error) ?? error;
}

function explain({ host, database }: Address, error: unknown): AppError {
  if (error instanceof AppError && error.message.startsWith("DATABASE_URL")) return error;
  const text = `DATABASE_URL: the database ${database} at ${host} cannot be used: ${reasonOf(error)}`;
  return new AppError(error instanceof AppError ? error.code : "internal", text, { cause: error });
}
