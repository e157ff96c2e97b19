import { and, count, eq, gt, isNotNull, lt, lte, type SQL, sql } from "drizzle-orm";

import type { Catalog } from "./catalog.ts";
import { affectedRows } from "./errors.ts";
import { blobs, copies, cursors, uploads, videos } from "./schema.ts";

/** The tables whose rows are jobs. */
const leased = { uploads, blobs, copies, cursors, videos } as const;
export type LeasedTable = keyof typeof leased;

/**
 * The states in which a row is a job, all of them. A state that is missing here is no {@link JobState}: no worker can be
 * written for it. With the state, what is parked is found by the index of what is due, not by reading the whole table.
 */
const jobStates = {
  uploads: ["fetching", "verifying"],
  blobs: ["spooled", "purging"],
  copies: ["wanted", "leaving"],
  cursors: ["due"],
  videos: ["unprobed"],
} as const satisfies Record<LeasedTable, readonly string[]>;
export type JobState = (typeof jobStates)[LeasedTable][number];

/** A claim on a row: good until it expires or another claim raises the fence. */
export interface Lease {
  table: LeasedTable;
  id: string;
  /** Unique to this claim. */
  owner: string;
  fence: number;
}

/** `leaseUntil` of a row that waits for a person: it is never due. */
export const parkedUntil = Number.MAX_SAFE_INTEGER;
const parkedOwner = "parked";

/** The condition under which a write by the lease's holder may still happen. */
export function holds({ table, id, owner, fence }: Lease): SQL | undefined {
  const t = leased[table];
  return and(eq(t.id, id), eq(t.leaseOwner, owner), eq(t.fence, fence));
}

/** What a write by the lease's holder sets when the job is over, so that the next one finds the row free. */
export const free = { leaseOwner: null, leaseUntil: 0, attempts: 0 } as const;

/** Claims a row in `state` that nobody leases and that is due. @returns `null` when there is none such. */
export async function claimLease(
  catalog: Catalog,
  claim: { table: LeasedTable; id: string; state: JobState; owner: string; now: number; leaseMs: number },
): Promise<(Lease & { attempts: number }) | null> {
  const t = leased[claim.table];
  const claimed = await catalog.db
    .update(t)
    .set({ leaseOwner: claim.owner, leaseUntil: claim.now + claim.leaseMs, fence: sql`${t.fence} + 1` })
    .where(and(eq(t.id, claim.id), sql`${t.state} = ${claim.state}`, lte(t.leaseUntil, claim.now)));
  if (affectedRows(claimed) === 0) return null;
  const [row] = await catalog.db
    .select({ fence: sql<number>`${t.fence}`, attempts: sql<number>`${t.attempts}` })
    .from(t)
    .where(and(eq(t.id, claim.id), eq(t.leaseOwner, claim.owner)));
  return row ? { table: claim.table, id: claim.id, owner: claim.owner, ...row } : null;
}

/** Keeps a lease until `until`. @returns whether it was still held. */
export async function renewLease(catalog: Catalog, lease: Lease, until: number): Promise<boolean> {
  const t = leased[lease.table];
  return affectedRows(await catalog.db.update(t).set({ leaseUntil: until }).where(holds(lease))) === 1;
}

/** Gives a lease back; the row is due again at `until`. */
export async function releaseLease(catalog: Catalog, lease: Lease, until: number, attempts: number): Promise<void> {
  const t = leased[lease.table];
  const leaseOwner = until === parkedUntil ? parkedOwner : null;
  await catalog.db.update(t).set({ leaseOwner, leaseUntil: until, attempts }).where(holds(lease));
}

/** How many rows of a table somebody works on now. */
export async function countLeases(catalog: Catalog, table: LeasedTable, state: JobState, now: number): Promise<number> {
  const t = leased[table];
  const [row] = await catalog.db
    .select({ held: count() })
    .from(t)
    .where(and(sql`${t.state} = ${state}`, isNotNull(t.leaseOwner), gt(t.leaseUntil, now), lt(t.leaseUntil, parkedUntil)));
  return row?.held ?? 0;
}

/** Ids of the rows of a table that wait for a person. */
export async function listParked(
  catalog: Catalog,
  table: LeasedTable,
): Promise<{ id: string; state: string; attempts: number }[]> {
  const t = leased[table];
  return await catalog.db
    .select({ id: sql<string>`${t.id}`, state: sql<string>`${t.state}`, attempts: sql<number>`${t.attempts}` })
    .from(t)
    .where(isParked(table));
}

function isParked(table: LeasedTable): SQL | undefined {
  const t = leased[table];
  const states = sql.join(
    jobStates[table].map((state) => sql`${state}`),
    sql`, `,
  );
  return and(sql`${t.state} in (${states})`, eq(t.leaseUntil, parkedUntil), eq(t.leaseOwner, parkedOwner));
}

/** How many rows of a table wait for a person. */
export async function countParked(catalog: Catalog, table: LeasedTable): Promise<number> {
  const t = leased[table];
  const [row] = await catalog.db.select({ parked: count() }).from(t).where(isParked(table));
  return row?.parked ?? 0;
}

/** Makes every parked row of a table due again. @returns how many. */
export async function replayParked(catalog: Catalog, table: LeasedTable): Promise<number> {
  const t = leased[table];
  return affectedRows(await catalog.db.update(t).set(free).where(isParked(table)));
}
