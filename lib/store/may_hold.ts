import { isAppError } from "../errors/mod.ts";
import type { Place } from "./read_copies.ts";
import type { Stores } from "./stores.ts";

/**
 * Whether an object of `size` bytes is in its store, or may be: of a store that is away, or that is named nowhere any more, nobody
 * can say that it lost anything.
 */
export async function mayHold(stores: Stores, { store, key }: Place, size: number, signal: AbortSignal): Promise<boolean> {
  // Somebody waits: a store that does not answer is asked once, not by each.
  if (stores.isAway(stores.nameOf(store))) return true;
  try {
    return (await stores.named(store).head(key, signal))?.size === size;
  } catch (error) {
    if (!isAppError(error, "unavailable")) throw error;
    stores.noteAway(stores.nameOf(store));
    return true;
  }
}
