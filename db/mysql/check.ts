import { Failure, unavailable } from "./failure.ts";
import type { Links } from "./links.ts";

/** Rejects when a server does not answer before the signal fires. It is asked once: who checks wants to know how it is now. */
export async function checkLinks(links: Links, signal: AbortSignal): Promise<void> {
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  if (signal.aborted) abort();
  try {
    await Promise.race([links.use((link) => link.run("select 1", [], "all")), aborted.promise]);
  } catch (error) {
    throw error instanceof Failure ? unavailable(error) : error;
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
