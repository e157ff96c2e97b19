/** All in one slot of a cluster, since scripts touch several of them. */
export const keys = {
  /** Hash: views by share, to be taken by the next batch. */
  pending: "sluice:{views}:pending",
  /** Hash: the batch that is out, its id in the field {@link batchField}. */
  taken: "sluice:{views}:taken",
  /** Sorted set: listed shares by their views. */
  top: "sluice:{views}:top",
  /** There while the sorted set has all that it should. */
  built: "sluice:{views}:built",
  /** There for a while after a process has told views under that id. */
  told: (id: string) => `sluice:{views}:told:${id}`,
} as const;

/** No share has such an id. */
export const batchField = "#";
