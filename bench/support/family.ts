import { readFile } from "node:fs/promises";

import { type Usage, usageOf } from "./usage.ts";
import { usageSum } from "./usage_sum.ts";

/** What a process takes together with its children, such as nginx's master with its workers. */
export async function familyUsage(pid: number): Promise<Usage> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, "latin1");
  const pids = [pid, ...children.trim().split(" ").filter(Boolean).map(Number)];
  return usageSum(await Promise.all(pids.map(usageOf)));
}
