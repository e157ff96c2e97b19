/**
 * Views: how often shares are looked at, counted beside the rows and written to them by the batch; and which of the listed ones
 * are viewed most. The rows are the truth: what is lost here is views of the last second, and the order is read from the rows.
 *
 * ```ts
 * const views = await openViews({ url: config.REDIS_URL, drive, onError });
 * views.add(share.id);
 * const batch = await views.take(); // once a second, by whoever writes rows
 * if (batch) await write(batch).then(() => views.written(batch.id));
 * ```
 */
export { memoryViews } from "./memory.ts";
export { openViews, type ViewsOptions } from "./open.ts";
export type { Ranked, ViewBatch, Views } from "./port.ts";
