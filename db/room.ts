import type { Config } from "#lib/config/mod.ts";
import { AppError } from "#lib/errors/mod.ts";

import type { Catalog, Queries } from "./catalog.ts";
import { bytesOf } from "./files.ts";
import { openBytes, openUploads, pendingBytesOf } from "./uploads.ts";

/** As much of a node's ports as is needed. */
export interface RoomContext {
  config: Pick<Config, "USER_QUOTA_BYTES" | "DISK_RESERVE_BYTES">;
  catalog: Catalog;
  node: string;
  spool: { freeBytes(): Promise<number> };
  progress: { received(id: string, chunkCount: number): Promise<{ size: number }> };
}

/** How much a user may still bring in, counted down as bytes come. */
export interface Room {
  /** @throws {AppError} `no-space` when `bytes` more do not fit. */
  mustTake(bytes: number): void;
  /** Counts `bytes` as taken. @throws {AppError} `no-space` when they do not fit. */
  take(bytes: number): void;
}

/** What is left for a user: of their quota (files and unfinished uploads count), and of this node's disk. */
export async function roomFor(ctx: RoomContext, userId: string): Promise<Room> {
  const [quota, disk] = await Promise.all([quotaLeft(ctx, userId), diskLeft(ctx)]);
  let taken = 0;
  const mustTake = (bytes: number) => {
    if (taken + bytes > quota) throw overQuota(ctx, taken + bytes, quota);
    if (taken + bytes > disk) throw noSpace("the drive's disk", taken + bytes, disk);
  };
  return {
    mustTake,
    take: (bytes) => {
      mustTake(bytes);
      taken += bytes;
    },
  };
}

/** @throws {AppError} `no-space` when `bytes` more do not fit into a user's quota. */
export async function mustFitQuota(ctx: RoomContext, userId: string, bytes: number): Promise<void> {
  const left = await quotaLeft(ctx, userId);
  if (bytes > left) throw overQuota(ctx, bytes, left);
}

/**
 * Checks what a transaction has just given a user against their quota. Two requests that both saw room before are
 * told apart here: the transaction holds the user's row.
 *
 * @throws {AppError} `no-space`.
 */
export async function mustKeepQuota(ctx: Pick<RoomContext, "config">, tx: Queries, userId: string): Promise<void> {
  const quota = ctx.config.USER_QUOTA_BYTES;
  if (quota === 0) return;
  const total = await countedBytes(tx, userId);
  if (total <= quota) return;
  throw new AppError("no-space", `it does not fit: your quota is ${quota} bytes, and this would make ${total}`);
}

/** {@link mustKeepQuota} for one user; `undefined` where there is no quota, and so nothing that many could exceed together. */
export function quotaCheck(ctx: Pick<RoomContext, "config">, userId: string): ((tx: Queries) => Promise<void>) | undefined {
  return ctx.config.USER_QUOTA_BYTES === 0 ? undefined : (tx) => mustKeepQuota(ctx, tx, userId);
}

/** What counts against a user's quota: their files, and the uploads that are not yet files. */
async function countedBytes(db: Queries, userId: string): Promise<number> {
  const [held, pending] = await Promise.all([bytesOf(db, userId), pendingBytesOf(db, userId)]);
  return held + pending;
}

async function quotaLeft(ctx: RoomContext, userId: string): Promise<number> {
  if (ctx.config.USER_QUOTA_BYTES === 0) return Number.POSITIVE_INFINITY;
  return Math.max(0, ctx.config.USER_QUOTA_BYTES - (await countedBytes(ctx.catalog.db, userId)));
}

/** What is left of this node's disk, bytes: less the reserve, and less what open uploads were promised and have not written yet. */
export async function diskLeft(ctx: RoomContext): Promise<number> {
  const usable = (await ctx.spool.freeBytes()) - ctx.config.DISK_RESERVE_BYTES;
  return Math.max(0, usable - (await promisedBytes(ctx, usable)));
}

/** What open uploads may still write on this node, bytes. */
async function promisedBytes(ctx: RoomContext, usable: number): Promise<number> {
  // Most drives are far from full: only the sum is asked for, until it matters what of it is written already.
  const sum = await openBytes(ctx.catalog, ctx.node);
  if (sum < usable / 2) return sum;
  const uploads = await openUploads(ctx.catalog, ctx.node);
  const missing = await Promise.all(
    uploads.map(async ({ id, size, chunkSize, chunkCount }) => {
      const received = await ctx.progress.received(id, chunkCount);
      return Math.max(0, size - received.size * chunkSize);
    }),
  );
  return missing.reduce((total, bytes) => total + bytes, 0);
}

function overQuota({ config }: RoomContext, wanted: number, left: number): AppError {
  return noSpace(`your quota of ${config.USER_QUOTA_BYTES} bytes`, wanted, left);
}

export function noSpace(where: string, wanted: number, left: number): AppError {
  return new AppError("no-space", `${wanted} bytes do not fit: ${where} has room for ${left}`);
}
