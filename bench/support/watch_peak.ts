import { median } from "./median.ts";
import type { Server } from "./server.ts";

/** How much memory a server had while something ran, in bytes. */
export interface Watched {
  startBytes: number;
  /** The median of samples, one each 50 ms. */
  medianBytes: number;
  /** `VmHWM`, which misses no peak; the start of the process counts too. */
  peakBytes: number;
}

const everyMs = 50;
/** The 19 MiB that hashing the account's password took go back to the system within 300 ms. */
const settleMs = 1000;

/** Samples the memory of a server until `run` has ended. */
export async function watchPeak(server: Server, run: () => Promise<unknown>): Promise<Watched> {
  await Bun.sleep(settleMs);
  const startBytes = (await server.usage()).rssBytes;
  const samples = [startBytes];
  const timer = setInterval(() => void server.usage().then(({ rssBytes }) => samples.push(rssBytes)), everyMs);
  try {
    await run();
  } finally {
    clearInterval(timer);
  }
  return { startBytes, medianBytes: median(samples), peakBytes: (await server.usage()).peakBytes };
}
