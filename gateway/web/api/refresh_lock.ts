import { sleep } from "./sleep.ts";

/** Runs a task while no other tab of this browser runs one. */
export type Lock = <T>(task: () => Promise<T>) => Promise<T>;

const key = "sluice.refresh-lock";
/** A tab that was closed while it held the lock keeps the others waiting no longer than this. */
const ttlMs = 10_000;
/** Longer than another tab needs between its read and its write of the key. */
const settleMs = 40;

/**
 * A lock over tabs, so that two tabs never use one refresh token twice (the drive takes that for theft and ends the
 * session). `navigator.locks` is missing on plain-http LAN addresses; there a key in `storage` stands in for it:
 * write, wait, and see whether another tab wrote over it.
 */
export function refreshLock(storage: Storage, locks: LockManager | undefined): Lock {
  if (locks) return (task) => locks.request(key, task);
  return async (task) => {
    const mine = crypto.getRandomValues(new Uint32Array(2)).join("-");
    while (!(await acquire(storage, mine))) await sleep(settleMs * (1 + Math.random()));
    try {
      return await task();
    } finally {
      if (holder(storage) === mine) storage.removeItem(key);
    }
  };
}

async function acquire(storage: Storage, mine: string): Promise<boolean> {
  if (holder(storage) !== null) return false;
  storage.setItem(key, `${mine} ${Date.now() + ttlMs}`);
  await sleep(settleMs);
  return holder(storage) === mine;
}

/** Who holds the lock; `null` when nobody does, or did for too long. */
function holder(storage: Storage): string | null {
  const [owner, until] = (storage.getItem(key) ?? "").split(" ");
  return owner && Number(until) > Date.now() ? owner : null;
}
