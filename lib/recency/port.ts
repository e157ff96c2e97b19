/**
 * How long a change counts as recent unless it is said otherwise, milliseconds: a replica further behind than that must
 * not be read at all.
 */
export const windowMs = 5000;

/**
 * Remembers for a window of time that something of a user changed. In doubt it says "recent": that costs a read of the
 * primary, while the opposite may show a user the drive as it was before their last change.
 */
export interface Recency {
  /** Which engine this is, for start-up lines. */
  readonly engine: string;
  /**
   * Notes that something of these users has changed. Call it after the commit and wait for it before the change is
   * answered: then whoever has seen the answer finds the change, whichever process they ask next. Never rejects, and takes
   * three seconds at most: what other processes cannot be told now they are told as soon as they can be.
   */
  mark(userIds: string[]): Promise<void>;
  /**
   * Whether something of the user changed less than the window ago, or cannot be known: told at once where it is known
   * here. Never rejects.
   */
  isRecent(userId: string): boolean | Promise<boolean>;
  /** Rejects when the engine cannot be reached. */
  check(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}
