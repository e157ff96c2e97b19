import { and, eq, gt, or, type SQL } from "drizzle-orm";

import type { files, uploads } from "./schema.ts";

/** A place in the order of a user's changes: epoch milliseconds, and of rows that changed in the same one the last id. */
export interface ChangePosition {
  at: number;
  id: string;
}

/** The condition that a row changed after a position. */
export function isAfter(table: typeof files | typeof uploads, { at, id }: ChangePosition): SQL | undefined {
  return or(gt(table.updatedAt, at), and(eq(table.updatedAt, at), gt(table.id, id)));
}
