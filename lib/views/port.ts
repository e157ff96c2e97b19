/** Views that are to be written to the rows, by share. */
export interface ViewBatch {
  /** Of these very views: whoever writes them notes it, so that they are written once. */
  readonly id: string;
  readonly counts: ReadonlyMap<string, number>;
}

/** How often a share was viewed, as its row says. */
export interface Ranked {
  id: string;
  views: number;
}

/**
 * Counts views without writing a row for each, and gives them out in batches to be written. A batch is given out again, under
 * the same id, until it is said to be written; of all processes that share the counts, only one batch is out at a time.
 */
export interface Views {
  /** Which engine this is, for start-up lines. */
  readonly engine: string;
  /** How many listed shares it keeps in order; 0 where the rows are to be asked for the top. */
  readonly ranked: number;
  /** Counts a view. Neither waits nor fails. */
  add(shareId: string): void;
  /**
   * How many views of these shares are counted and not known to be written: to be added to what their rows say. Just while a
   * batch is being written, it may count for both or for none. Never rejects: in doubt it knows less.
   */
  pending(shareIds: string[]): Promise<Map<string, number>>;
  /**
   * What waits to be written; `null` where there is nothing.
   * @throws {AppError} `unavailable` when the counts cannot be reached.
   */
  take(): Promise<ViewBatch | null>;
  /** That a batch is written. @throws {AppError} as {@link Views.take}. */
  written(batchId: string): Promise<void>;
  /** Takes note of listed shares and of how often they were viewed. @throws {AppError} as {@link Views.take}. */
  rank(shares: Ranked[]): Promise<void>;
  /** Forgets shares that are listed no more. @throws {AppError} as {@link Views.take}. */
  unrank(shareIds: string[]): Promise<void>;
  /**
   * Ids of the listed shares that were viewed most, in that order; `null` where that is not known, so that the rows have to be
   * asked. Never rejects.
   */
  top(limit: number): Promise<string[] | null>;
  /** Begins {@link Views.top} with what the rows say. @throws {AppError} as {@link Views.take}. */
  rebuild(shares: Ranked[]): Promise<void>;
  /** Rejects when the engine cannot be reached. */
  check(signal: AbortSignal): Promise<void>;
  /** Tells the other processes what they do not know yet, where that is possible at once. */
  close(): Promise<void>;
}
