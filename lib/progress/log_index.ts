import { coalesce } from "../lifecycle/mod.ts";
import { isSameStamp } from "../spool/mod.ts";
import type { Logged, LogStamp, LogTail, NewLog } from "../spool/port.ts";
import { ChunkSet } from "./chunk_set.ts";
import type { Logs } from "./port.ts";

/** What a log says: `chunks` is what the first `end` bytes of the log `born` come to, for good. */
export interface LogState extends Pick<LogTail, "born" | "end"> {
  chunks: ChunkSet;
}

/** The chunks of one upload as its log says, with how far the log was read. */
export class LogIndex {
  readonly id: string;
  readonly chunkCount: number;
  readonly #log: Logs;
  #chunks: ChunkSet;
  #born: string | null = null;
  #end = 0;
  /** Of the log as it was read, or of an earlier one: all that was in it then has been read. */
  #stamp: LogStamp | null = null;

  constructor(log: Logs, id: string, chunkCount: number) {
    this.id = id;
    this.chunkCount = chunkCount;
    this.#log = log;
    this.#chunks = new ChunkSet(chunkCount);
  }

  /** Reads what the log has had added, by whatever process, before this call. @returns a copy. */
  readonly refresh: () => Promise<LogState> = coalesce(async () => {
    // Before it is read: what is added meanwhile is read again. One that was never read surely has news.
    const stamp = this.#born === null ? null : await this.#log.logStamp(this.id);
    if (stamp === null || !isSameStamp(stamp, this.#stamp)) {
      await this.#read();
      this.#stamp = stamp;
    }
    return { born: this.#born, end: this.#end, chunks: this.#chunks.clone() };
  });

  /** Takes a log that was just made as read. */
  begin({ born, stamp }: NewLog): void {
    this.#startOver({ entries: [], end: 0, born });
    this.#stamp = stamp;
  }

  /**
   * Takes the record of a chunk as read, where all that came before it was; else the next look reads it. What has come after it
   * is read once more then, for the log does not look any more as it did right after this record.
   */
  add(index: number, { bytes, stamp }: Logged): void {
    const known = this.#stamp;
    if (known?.file !== stamp.file || known.size + bytes !== stamp.size) return;
    this.#chunks.add(index);
    this.#end = stamp.size;
    this.#stamp = stamp;
  }

  /** How the log looked when all that was in it had been read, chunk `index` not among it; else `null`. */
  stampWithout(index: number): LogStamp | null {
    return this.#chunks.has(index) ? null : this.#stamp;
  }

  async #read(): Promise<void> {
    const tail = await this.#log.readLog(this.id, this.#end);
    if (tail.born === this.#born && tail.end >= this.#end) this.#apply(tail);
    else this.#startOver(this.#end === 0 ? tail : await this.#log.readLog(this.id));
  }

  /** Another log, or one that lost its end. */
  #startOver(whole: LogTail): void {
    this.#chunks = new ChunkSet(this.chunkCount);
    this.#born = whole.born;
    this.#apply(whole);
  }

  #apply({ entries, end }: LogTail): void {
    for (const entry of entries) {
      if (entry.kind === "received") this.#chunks.add(entry.index);
      else if (entry.kind === "reopened") this.#chunks.delete(entry.index);
    }
    this.#end = end;
  }
}
