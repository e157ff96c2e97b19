import { LogIndex, type LogState } from "./log_index.ts";
import type { Logs } from "./port.ts";

/** The indexes of the uploads that were asked for last: what the engines of progress have in common. */
export class LogIndexes {
  readonly #log: Logs;
  readonly #limit: number;
  /** In the order in which they were last asked for. */
  readonly #indexes = new Map<string, LogIndex>();

  /** @param limit how many uploads are remembered; the one not asked for longest is forgotten first. */
  constructor(log: Logs, limit = 10_000) {
    this.#log = log;
    this.#limit = limit;
  }

  /** The index of an upload, made when there is none of that many chunks. */
  of(id: string, chunkCount: number): LogIndex {
    const known = this.#indexes.get(id);
    const index = known?.chunkCount === chunkCount ? known : new LogIndex(this.#log, id, chunkCount);
    this.#indexes.delete(id);
    this.#indexes.set(id, index);
    this.#forgetOldest();
    return index;
  }

  /** The index of an upload that was asked for and is not forgotten. */
  known(id: string): LogIndex | undefined {
    return this.#indexes.get(id);
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

  #forgetOldest(): void {
    const oldest = this.#indexes.size > this.#limit ? this.#indexes.keys().next().value : undefined;
    if (oldest !== undefined) this.#indexes.delete(oldest);
  }
}
