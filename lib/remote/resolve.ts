import { lookup } from "node:dns/promises";

import { AppError, systemCode } from "../errors/mod.ts";
import { type SourceRules, addressOf } from "./source_rules.ts";

/** Looks a name up, once: every address of it, in the order in which they are to be tried. */
export type Lookup = (name: string) => Promise<string[]>;

/** By the system, `/etc/hosts` included, as `getaddrinfo(3)` has it. */
export const systemLookup: Lookup = async (name) => (await lookup(name, { all: true })).map(({ address }) => address);

/**
 * The addresses by which a URL's host may be reached. Names are looked up here and nowhere else: who connects is given an
 * address that was checked, so that a name server that answers otherwise the next time is not asked again.
 *
 * @throws {AppError} `url-refused` when there are only such as may not be reached; `source-failed` when the name is not found.
 */
export async function resolve(url: URL, rules: SourceRules, look: Lookup, signal: AbortSignal): Promise<string[]> {
  const address = addressOf(url);
  const addresses = address === null ? await lookUp(url, look, signal) : [address];
  const reachable = addresses.filter((each) => rules.mayReach(each));
  if (reachable.length > 0) return reachable;
  throw new AppError(
    "url-refused",
    `the URL may not be fetched: ${url.hostname} leads to ${addresses.slice(0, 3).join(", ")}, no public address`,
  );
}

async function lookUp({ hostname }: URL, look: Lookup, signal: AbortSignal): Promise<string[]> {
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    const found = await Promise.race([look(hostname), aborted.promise]);
    if (found.length > 0) return found;
  } catch (cause) {
    signal.throwIfAborted();
    throw new AppError("source-failed", `the name ${hostname} is not found (${systemCode(cause) ?? "no reason"})`, { cause });
  } finally {
    signal.removeEventListener("abort", abort);
  }
  throw new AppError("source-failed", `the name ${hostname} has no address`);
}
