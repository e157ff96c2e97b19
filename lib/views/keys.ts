import { createHash } from "node:crypto";

/** The keys of one drive. All in one slot of a cluster, since scripts touch several of them. */
export interface ViewKeys {
  /** Hash: views by share, to be taken by the next batch. */
  pending: string;
  /** Hash: the batch that is out, its id in the field {@link batchField}. */
  taken: string;
  /** Sorted set: listed shares by their views. */
  top: string;
  /** There while the sorted set has all that it should. */
  built: string;
  /** There for a while after a process has told views under that id. */
  told: (id: string) => string;
}

/** @param drive what tells drives apart that share a Redis. */
export function keysOf(drive: string): ViewKeys {
  const prefix = `sluice:{views:${createHash("sha256").update(drive).digest("base64url").slice(0, 10)}}`;
  return {
    pending: `${prefix}:pending`,
    taken: `${prefix}:taken`,
    top: `${prefix}:top`,
    built: `${prefix}:built`,
    told: (id) => `${prefix}:told:${id}`,
  };
}

/** No share has such an id. */
export const batchField = "#";
