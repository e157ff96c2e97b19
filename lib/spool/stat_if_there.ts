import type { Stats } from "node:fs";
import { stat } from "node:fs/promises";

import { systemCode } from "../errors/mod.ts";

/** What the system says of a file; `null` when there is none. Any other error is thrown as it is. */
export async function statIfThere(path: string): Promise<Stats | null> {
  try {
    return await stat(path);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return null;
    throw error;
  }
}
