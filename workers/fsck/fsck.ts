import type { WorkerContext } from "../context.ts";
import { checkBlobs } from "./check_blobs.ts";
import { checkObjects } from "./check_objects.ts";
import { checkSpool } from "./check_spool.ts";
import type { Report } from "./report.ts";

export interface FsckOptions {
  /** Put right what cannot lose data. */
  isRepair: boolean;
  /** Read every object and compare its SHA-256. */
  isDeep: boolean;
}

/** A check under way. */
export interface Check {
  ctx: WorkerContext;
  options: FsckOptions;
  report: Report;
  signal: AbortSignal;
}

/** Nobody puts one object for longer than a day. */
const stalePutMs = 24 * 3_600_000;

/**
 * Compares rows, objects and spool files, both ways. A drive may run meanwhile: what is about to be put, moved or purged is no
 * finding. One store that cannot be looked at keeps no other from being looked at.
 */
export async function fsck(check: Check): Promise<void> {
  await checkSpool(check);
  await checkBlobs(check);
  for (const named of check.ctx.stores.all) {
    try {
      await checkUnfinished(check, named);
      await checkObjects(check, named);
    } catch (error) {
      check.signal.throwIfAborted();
      check.report.fail(`${named.name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

async function checkUnfinished(
  { ctx, options, report, signal }: Check,
  { name, store }: Check["ctx"]["stores"]["first"],
): Promise<void> {
  const before = ctx.now() - stalePutMs;
  const count = options.isRepair ? await store.sweep(before, signal) : await store.countStale(before, signal);
  if (count === 0) return;
  const detail = `${count} puts were begun more than a day ago and never finished`;
  report.find({ kind: "unfinished-puts", store: name, detail, repair: options.isRepair ? "done" : "possible" });
}
