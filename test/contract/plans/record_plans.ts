import { calls } from "./calls.ts";
import { createRecorder, type Recorder } from "./recorder.ts";
import { fillCatalog } from "./scene.ts";
import type { OwnEngine } from "./sqlite.ts";

/** Fills a database, and runs every call on it. */
export async function recordPlans(open: () => Promise<OwnEngine>): Promise<Pick<Recorder, "statements" | "builtAt">> {
  const engine = await open();
  try {
    await fillCatalog(createRecorder({ ...engine, explain: async () => [] }).catalog);
    await engine.analyse();
    const recorder = createRecorder(engine);
    for (const [name, call] of calls.flatMap((group) => Object.entries(group))) {
      recorder.begin(name);
      await call(recorder.catalog);
    }
    return recorder;
  } finally {
    await engine.close();
  }
}
