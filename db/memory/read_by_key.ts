import type { Queries } from "../catalog.ts";

/** A read of one thing by its key; what it gives depends on the key and the rows alone. */
export type ReadByKey<T> = (db: Queries, key: string) => Promise<T>;
