/**
 * The catalog: one schema and one query layer for SQLite and MySQL.
 *
 * ```ts
 * const catalog = await openCatalog(config);
 * await catalog.transaction(async (tx) => { … });
 * ```
 */
export type { Catalog, Queries } from "./catalog.ts";
export type { CatalogLog } from "./catalog_log.ts";
export { affectedRows, isDuplicate } from "./errors.ts";
export { type CatalogOptions, openCatalog } from "./open.ts";
export { prepared } from "./prepared.ts";
export type { Recency } from "./recency.ts";
