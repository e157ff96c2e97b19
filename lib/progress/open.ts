import type { Spool } from "../spool/port.ts";
import { memoryProgress } from "./memory.ts";
import type { Progress } from "./port.ts";

export interface ProgressOptions {
  /** The chunk logs: what every engine is an index over. */
  log: Pick<Spool, "readLog">;
}

/** Opens the engine that the options ask for: memory. */
export async function openProgress(options: ProgressOptions): Promise<Progress> {
  return memoryProgress(options.log);
}
