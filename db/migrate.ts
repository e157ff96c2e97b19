// `bun db/migrate.ts`: brings the catalog that the environment names to the newest schema, and ends. Gateways and workers do
// the same when they start; where many start at once, this runs before them.
import { parseConfig } from "#lib/config/mod.ts";
import { AppError } from "#lib/errors/mod.ts";

import { openCatalog } from "./open.ts";

try {
  const catalog = await openCatalog(parseConfig(process.env));
  await catalog.close();
  process.stdout.write(`the catalog (${catalog.engine}) has the newest schema\n`);
} catch (error) {
  process.stderr.write(`sluice: ${error instanceof AppError ? error.message : Bun.inspect(error)}\n`);
  process.exitCode = 1;
}
