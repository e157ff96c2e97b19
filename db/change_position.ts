import { and, gt, gte, or, type SQL } from "drizzle-orm";

import type { files, uploads } from "./schema.ts";

/** A place in the order of a user's changes: epoch milliseconds, and of rows that changed in the same one the last id. */
export interface ChangePosition {
  at: number;
  id: string;
}

/** The condition that a row changed after a position. */
export function isAfter(table: typeof files | typeof uploads, { at, id }: ChangePosition): SQL | undefined {
  // Not "later, or at once with it and …": at an `or` both engines begin with the user's oldest row.
  return and(gte(table.updatedAt, at), or(gt(table.updatedAt, at), gt(table.id, id)));
}
