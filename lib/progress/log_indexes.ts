import { LRUCache } from "lru-cache";

import { LogIndex, type LogState } from "./log_index.ts";
import type { Logs } from "./port.ts";

/** The indexes of the uploads that were asked for last: what the engines of progress have in common. */
export class LogIndexes {
  readonly #log: Logs;
  /** A `Map` in that order would cost 28 µs for each that is asked for: what is deleted and set again leaves a gap behind. */
  readonly #indexes: LRUCache<string, LogIndex>;

  /** @param limit how many uploads are remembered; the one not asked for longest is forgotten first. */
  constructor(log: Logs, limit = 10_000) {
    this.#log = log;
    this.#indexes = new LRUCache({ max: limit });
  }

  /** The index of an upload, made when there is none of that many chunks. */
  of(id: string, chunkCount: number): LogIndex {
    const known = this.#indexes.get(id);
    if (known?.chunkCount === chunkCount) return known;
    const index = new LogIndex(this.#log, id, chunkCount);
    this.#indexes.set(id, index);
    return index;
  }

  /** The index of an upload that was asked for and is not forgotten. */
  known(id: string): LogIndex | undefined {
    return this.#indexes.peek(id);
  }

  /** What the log of an upload says now. One that has no log here is not remembered. */
  async read(id: string, chunkCount: number): Promise<LogState> {
    const state = await this.of(id, chunkCount).refresh();
    if (state.born === null) this.#indexes.delete(id);
    return state;
  }

  forget(id: string): void {
    this.#indexes.delete(id);
  }

  clear(): void {
    this.#indexes.clear();
  }
}
