import { systemCode } from "#lib/errors/mod.ts";

const duplicate = new Set(["SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY", "ER_DUP_ENTRY"]);

/** Whether a query failed because a unique key already stands, on either engine. */
export function isDuplicate(error: unknown): boolean {
  return duplicate.has(systemCode(error) ?? "");
}

/** How many rows an `UPDATE` or `DELETE` matched, as either engine's driver says. */
export function affectedRows(result: unknown): number {
  const header: unknown = Array.isArray(result) ? result[0] : result;
  if (header !== null && typeof header === "object" && "affectedRows" in header) return Number(header.affectedRows);
  throw new TypeError("the driver did not say how many rows it changed");
}
