import { listedShares, type LiveShare, topShares } from "#db/shares.ts";

import type { Context } from "../context.ts";
import type { ListedShareView } from "./schema.ts";
import { listedShareView } from "./view.ts";

/** More than are shown are looked up, for some of them may have ended. */
const spare = 50;

/** The listed shares that can be opened, most viewed first: by the order that Redis keeps, else by the rows. */
export async function listTop(ctx: Context, limit: number, base: string): Promise<ListedShareView[]> {
  const ids = await ctx.views.top(limit + spare);
  const found = ids === null ? await fromRows(ctx, limit) : await fromOrder(ctx, ids);
  const shown = found.slice(0, limit);
  const pending = await ctx.views.pending(shown.map(({ id }) => id));
  return shown.map((share) => listedShareView(share, { base, pending: pending.get(share.id) ?? 0 }));
}

async function fromOrder(ctx: Context, ids: string[]): Promise<LiveShare[]> {
  const found = await listedShares(ctx.catalog.db, ctx.now(), ids);
  const open = new Set(found.map(({ id }) => id));
  const gone = ids.filter((id) => !open.has(id));
  if (gone.length > 0) inBackground(ctx, ctx.views.unrank(gone));
  return found;
}

async function fromRows(ctx: Context, limit: number): Promise<LiveShare[]> {
  const { ranked } = ctx.views;
  const found = await topShares(ctx.catalog.db, ctx.now(), Math.max(limit, ranked));
  if (ranked > 0) inBackground(ctx, ctx.views.rebuild(found));
  return found;
}

/** Whoever asks next does it again where it fails. */
function inBackground(ctx: Context, task: Promise<void>): void {
  const warned = task.catch((err: unknown) => ctx.log.warn({ err }, "the order of the listed shares is not kept"));
  ctx.lifecycle.background("rank shares", warned);
}
