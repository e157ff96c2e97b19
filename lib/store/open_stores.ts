import { realpath } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { AppError, isAppError } from "../errors/mod.ts";
import type { Policy } from "../placement/mod.ts";
import { lateStore } from "./late_store.ts";
import { openStore } from "./open.ts";
import type { Store } from "./port.ts";
import { createStores, type Stores } from "./stores.ts";

export interface StoresOptions {
  /** `STORE_URL`: the one store, where `stores` names none. */
  url?: string | undefined;
  /** `STORES`. */
  stores: { name: string; url: string }[];
  policy: Policy;
  dataDir: string;
  /** Told of a store that cannot be reached now, though the drive can start without it. */
  onAway: (error: AppError, name: string) => void;
}

/**
 * Opens every store of the configuration.
 *
 * @throws {AppError} for one store, what {@link openStore} throws. For several, `invalid-request` for a URL that is wrong, a store
 * that refuses, and two names of one place; one that is only away is waited for later, unless all are.
 */
export async function openStores({ url, stores, policy, dataDir, onAway }: StoresOptions): Promise<Stores> {
  if (stores.length === 0) {
    const store = await openStore({ url, dataDir });
    return createStores([{ name: store.engine, store }], policy, true);
  }
  const opened = await Promise.all(stores.map(async (named) => ({ ...named, ...(await openOrWait(named, dataDir)) })));
  const failed = opened.filter(({ failure }) => failure !== undefined);
  const refusal =
    failed.find(({ failure }) => !isAppError(failure, "unavailable")) ??
    (failed.length === opened.length ? failed[0] : undefined);
  const twice = refusal === undefined ? await sameTwice(stores) : undefined;
  if (refusal !== undefined || twice !== undefined) {
    await Promise.all(opened.map(({ store }) => store.close()));
    throw asError(refusal === undefined ? twice : refusal.failure);
  }
  for (const { failure, name } of failed) if (isAppError(failure)) onAway(failure, name);
  return createStores(
    opened.map(({ name, store }) => ({ name, store })),
    policy,
  );
}

function asError(failure: unknown): Error {
  return failure instanceof Error ? failure : new Error(String(failure));
}

async function openOrWait(named: { name: string; url: string }, dataDir: string): Promise<{ store: Store; failure?: unknown }> {
  const open = () => openNamed(named, dataDir);
  try {
    return { store: await open() };
  } catch (failure) {
    const scheme = named.url.split(":")[0] ?? "";
    return { store: lateStore(scheme === "file" ? "disk" : scheme, open), failure };
  }
}

/** Engines know their URL by the name of the variable that holds one alone. */
async function openNamed({ name, url }: { name: string; url: string }, dataDir: string): Promise<Store> {
  try {
    return await openStore({ url, dataDir });
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    throw new AppError(error.code, `STORES, ${name}: ${error.message.replace(/^STORE_URL: /, "")}`, { cause: error.cause });
  }
}

/** Of one place under two names, what is put under the one would be taken for somebody's leavings under the other. */
async function sameTwice(stores: { name: string; url: string }[]): Promise<AppError | undefined> {
  const seen = new Map<string, string>();
  for (const { name, url } of stores) {
    const place = await placeOf(url);
    const other = seen.get(place);
    if (other !== undefined)
      return new AppError("invalid-request", `STORES: ${other} and ${name} are the same place; give it one name`);
    seen.set(place, name);
  }
  return undefined;
}

/** Where a URL leads, without what may differ for one place: keys and times. */
async function placeOf(url: string): Promise<string> {
  if (/^file:/i.test(url)) return await realpath(fileURLToPath(url));
  const { host, pathname, searchParams } = new URL(url.replace(/^[a-z0-9]+:(?=https?:)/i, ""));
  return `${host}${pathname}/${searchParams.get("prefix")?.replace(/\/$/, "") ?? ""}`;
}
