import { readFile } from "node:fs/promises";

import { systemCode } from "#lib/errors/mod.ts";

import { type Usage, usageOf } from "./usage.ts";
import { usageSum } from "./usage_sum.ts";

/** What a process takes together with its children, such as nginx's master with its workers. */
export async function familyUsage(pid: number): Promise<Usage> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, "latin1");
  const others = await Promise.all(children.trim().split(" ").filter(Boolean).map(Number).map(usageIfThere));
  return usageSum([await usageOf(pid), ...others.flat()]);
}

/** A child may have ended by now, as ffprobe does after each video: what it took is its parent's, to the system. */
async function usageIfThere(pid: number): Promise<Usage[]> {
  try {
    return [await usageOf(pid)];
  } catch (error) {
    if (["ENOENT", "ESRCH"].includes(systemCode(error) ?? "")) return [];
    throw error;
  }
}
