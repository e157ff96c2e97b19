import { type Attempt, changeAttempts, clearAttempts, findAttempts, uncountAttempt } from "#db/attempts.ts";
import type { Catalog } from "#db/mod.ts";
import { AppError } from "#lib/errors/mod.ts";

/** Who tries to sign in. */
export interface Who {
  /** The normalised username, or any text of at most 64 characters that stands for what cannot be one. */
  subject: string;
  /** The client's IP address. */
  address: string;
}

/** The slow-down of wrong passwords, shared by all gateways through the catalog. */
export interface Attempts {
  /** @throws {AppError} `too-many-attempts` while the user, the address or the pair of them is blocked. */
  refuseBlocked(who: Who): Promise<void>;
  /**
   * Counts a try as a failure, before it is known whether it is one.
   *
   * @throws {AppError} `too-many-attempts` as {@link Attempts.refuseBlocked}; then it does not count.
   */
  count(who: Who): Promise<Attempt[]>;
  /** Takes back what {@link Attempts.count} counted, since the password was right, and forgets earlier failures of that user. */
  forgive(counted: Attempt[]): Promise<void>;
}

interface Rule {
  key: (who: Who) => string;
  /** Failures that cost nothing; the n-th beyond them blocks for 2^n seconds. */
  free: number;
  /** Milliseconds of the longest block. */
  capMs: number;
  /** What a right password makes of the row: an address may be shared, and one good user does not clear the others. */
  onSuccess: "clear" | "uncount";
}

/**
 * The pair stops a guesser early and leaves the victim alone, who comes from elsewhere. The user stops guessers
 * with many addresses, for half a minute at most since it stops the victim, too. The address stops one that tries
 * a few passwords on many users.
 */
const rules: readonly Rule[] = [
  { key: (who) => `pair:${who.subject}@${who.address}`, free: 5, capMs: 300_000, onSuccess: "clear" },
  { key: (who) => `user:${who.subject}`, free: 50, capMs: 30_000, onSuccess: "clear" },
  { key: (who) => `address:${who.address}`, free: 100, capMs: 300_000, onSuccess: "uncount" },
];

/** Failures are forgotten so long after the last one. */
const keepMs = 15 * 60_000;

/** Counts over the catalog's `attempts`. */
export function createAttempts({ catalog, now }: { catalog: Catalog; now: () => number }): Attempts {
  return {
    refuseBlocked: async (who) => refuse(await findAttempts(catalog.db, keysOf(who)), now()),
    count: (who) =>
      changeAttempts(catalog, keysOf(who), (held) => {
        refuse(held, now());
        return rules.map((rule) => countFailure(rule, rule.key(who), held, now()));
      }),
    forgive: (counted) => forgive(catalog, counted),
  };
}

function keysOf(who: Who): string[] {
  return rules.map(({ key }) => key(who));
}

// The right password is refused as well while the block lasts: else a guesser would learn from the answer.
function refuse(held: Attempt[], now: number): void {
  const blockedUntil = Math.max(0, ...held.map((attempt) => attempt.blockedUntil));
  if (blockedUntil <= now) return;
  const retryAfterSeconds = Math.ceil((blockedUntil - now) / 1000);
  throw new AppError("too-many-attempts", `too many wrong passwords: the next try is taken in ${retryAfterSeconds} s`, {
    retryAfterSeconds,
  });
}

function countFailure({ free, capMs }: Rule, key: string, held: Attempt[], now: number): Attempt {
  const before = held.find((attempt) => attempt.key === key && attempt.expiresAt > now);
  const failures = (before?.failures ?? 0) + 1;
  const blockedUntil = failures > free ? now + Math.min(1000 * 2 ** (failures - free), capMs) : 0;
  return { key, failures, blockedUntil, expiresAt: now + keepMs };
}

function forgive(catalog: Catalog, counted: Attempt[]): Promise<void> {
  const cleared = counted.filter((_, i) => rules[i]?.onSuccess === "clear");
  const uncounted = counted.filter((_, i) => rules[i]?.onSuccess === "uncount");
  return catalog.transaction(async (tx) => {
    await clearAttempts(
      tx,
      cleared.map(({ key }) => key),
    );
    for (const attempt of uncounted) await uncountAttempt(tx, attempt);
  });
}
