import { addViews, listedViews } from "#db/views.ts";
import { levelOf } from "#lib/errors/mod.ts";

import type { Context } from "../context.ts";

/** How often counted views are written: what a crash may lose. */
const everyMs = 1000;

type Ctx = Pick<Context, "catalog" | "views" | "log" | "now" | "lifecycle">;

/**
 * Writes counted views to the rows, all that wait in one transaction. Whatever it dies of, the batch is written by the next
 * who does this, on any gateway, and once.
 *
 * @throws {AppError} `unavailable`.
 */
export async function flushViews({ catalog, views, now }: Pick<Ctx, "catalog" | "views" | "now">): Promise<void> {
  const batch = await views.take();
  if (batch === null) return;
  await addViews(catalog, batch, now());
  if (views.ranked > 0) await views.rank(await listedViews(catalog.db, [...batch.counts.keys()]));
  await views.written(batch.id);
}

/** Writes counted views each second, and once more at the end. A failure is logged once until it goes well again. */
export function startViewFlush(ctx: Ctx): void {
  let isFailing = false;
  let timer: ReturnType<typeof setTimeout>;
  const flush = async () => {
    try {
      await flushViews(ctx);
      isFailing = false;
    } catch (err) {
      if (!isFailing) ctx.log[levelOf(err)]({ err }, "views are not written; they wait");
      isFailing = true;
    }
  };
  let flushing = Promise.resolve();
  const next = () => {
    timer = setTimeout(() => {
      flushing = flush().finally(() => {
        if (!ctx.lifecycle.stopping.aborted) next();
      });
    }, everyMs);
  };
  next();
  ctx.lifecycle.onStop("views", async () => {
    clearTimeout(timer);
    await flushing;
    await flush();
    await ctx.views.close();
  });
}
