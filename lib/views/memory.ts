import { newId } from "../id/mod.ts";
import type { ViewBatch, Views } from "./port.ts";
import { Tally } from "./tally.ts";

/** Views where one process has all of them. A crash loses what was not written yet. Its rows are quick to ask for the top. */
export function memoryViews(): Views {
  const tally = new Tally();
  let out: ViewBatch | null = null;
  return {
    engine: "memory",
    ranked: 0,
    add: (shareId) => tally.add(shareId),
    pending: async (shareIds) => new Map(shareIds.map((id) => [id, tally.of(id) + (out?.counts.get(id) ?? 0)])),
    async take() {
      if (out === null && tally.size > 0) out = { id: newId(), counts: tally.take() };
      return out;
    },
    async written(batchId) {
      if (out?.id === batchId) out = null;
    },
    async rank() {},
    async unrank() {},
    top: async () => null,
    async rebuild() {},
    async check(signal) {
      signal.throwIfAborted();
    },
    async close() {},
  };
}
