import { AppError, isAppError } from "../errors/mod.ts";
import type { ByteRange } from "./port.ts";
import type { Stores } from "./stores.ts";

/** An object: the store that has it, as rows name it, and its key there. */
export interface Place {
  store: string | null;
  key: string;
}

/**
 * Reads an object from `home`, or where that store is away or has lost it, from one of the others.
 *
 * @param others asked only then, so that a read that goes well needs no more than it has; it tells of `home`, too, where that
 * has changed.
 * @throws {AppError} `content-lost` when no store has it; `unavailable` when one that might cannot be asked.
 */
export async function readCopies(
  stores: Stores,
  { home, others }: { home: Place; others: () => Promise<Place[]> },
  range: ByteRange | undefined,
  signal: AbortSignal,
): Promise<Blob | ReadableStream<Uint8Array>> {
  const failures: AppError[] = [];
  const attempt = async (place: Place) => {
    try {
      return await stores.named(place.store).get(place.key, range, signal);
    } catch (error) {
      if (!isAppError(error, "content-lost", "unavailable")) throw error;
      if (error.code === "unavailable") stores.noteAway(stores.nameOf(place.store));
      failures.push(error);
      return undefined;
    }
  };
  const isLast = stores.isAway(stores.nameOf(home.store));
  const first = isLast ? undefined : await attempt(home);
  if (first !== undefined) return first;
  const rest = (await others()).filter((place) => isLast || !isSame(place, home));
  // Those that answer first, each in its turn.
  const inOrder = [...rest, ...(isLast ? [home] : [])].toSorted((a, b) => awayness(stores, a) - awayness(stores, b));
  for (const place of unique(inOrder)) {
    const body = await attempt(place);
    if (body !== undefined) return body;
  }
  throw (
    failures.find(({ code }) => code === "unavailable") ??
    failures[0] ??
    new AppError("content-lost", `${home.key} is in no store`)
  );
}

function unique(places: Place[]): Place[] {
  return places.filter((place, at) => places.findIndex((other) => isSame(place, other)) === at);
}

function isSame(a: Place, b: Place): boolean {
  return a.store === b.store && a.key === b.key;
}

function awayness(stores: Stores, { store }: Place): number {
  return stores.isAway(stores.nameOf(store)) ? 1 : 0;
}
