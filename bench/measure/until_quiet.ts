import type { Usage } from "../support/usage.ts";
import { usageSum } from "../support/usage_sum.ts";

const everyMs = 100;
/** What a cluster takes that does nothing. */
const idleShare = 0.25;

/**
 * Waits until processes have next to nothing to do: what the requests before have left to workers is none of the next ones' doing.
 * Gives up after `limitMs`, since the machine may not be ours alone.
 */
export async function untilQuiet(usages: () => Promise<Record<string, Usage>>, limitMs: number): Promise<void> {
  const cpuSeconds = async () => usageSum(Object.values(await usages())).cpuSeconds;
  let before = await cpuSeconds();
  for (const end = performance.now() + limitMs; performance.now() < end;) {
    await Bun.sleep(everyMs);
    const now = await cpuSeconds();
    if (now - before < (idleShare * everyMs) / 1000) return;
    before = now;
  }
}
