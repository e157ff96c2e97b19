import type { WorkerContext } from "./context.ts";

/** Deletes an object from every store, for nobody has noted which has it. @throws what the first of them throws that cannot. */
export async function deleteEverywhere(
  { stores }: Pick<WorkerContext, "stores">,
  key: string,
  signal: AbortSignal,
): Promise<void> {
  for (const { store } of stores.all) await store.delete(key, signal);
}
