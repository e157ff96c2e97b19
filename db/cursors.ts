import { eq } from "drizzle-orm";

import type { Catalog } from "./catalog.ts";
import { affectedRows, isDuplicate } from "./errors.ts";
import { holds, type Lease } from "./leases.ts";
import { cursors } from "./schema.ts";

export type Cursor = typeof cursors.$inferSelect;

/** Where somebody has come; begun, and due at `dueAt`, where there is no such row yet. */
export async function readCursor(catalog: Catalog, id: string, dueAt: number): Promise<Cursor | undefined> {
  const read = async () => (await catalog.db.select().from(cursors).where(eq(cursors.id, id)))[0];
  const found = await read();
  if (found) return found;
  try {
    await catalog.db.insert(cursors).values({ id, state: "due", position: "", leaseUntil: dueAt });
  } catch (error) {
    // Another process has begun it just now.
    if (!isDuplicate(error)) throw error;
  }
  return await read();
}

/** Notes how far its holder has come, and gives it back; it is due again at `dueAt`. @returns whether it was still held. */
export async function advanceCursor(catalog: Catalog, lease: Lease, position: string, dueAt: number): Promise<boolean> {
  const result = await catalog.db
    .update(cursors)
    .set({ position, leaseOwner: null, leaseUntil: dueAt, attempts: 0 })
    .where(holds(lease));
  return affectedRows(result) === 1;
}
