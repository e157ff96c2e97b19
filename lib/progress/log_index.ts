import { coalesce } from "../lifecycle/mod.ts";
import type { LogTail } from "../spool/port.ts";
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
  /** Of the log as it was read, or of an earlier one. */
  #version: string | null = null;

  constructor(log: Logs, id: string, chunkCount: number) {
    this.id = id;
    this.chunkCount = chunkCount;
    this.#log = log;
    this.#chunks = new ChunkSet(chunkCount);
  }

  /** Reads what the log has had added, by whatever process, before this call. @returns a copy. */
  readonly refresh: () => Promise<LogState> = coalesce(async () => {
    // Before it is read: what is added meanwhile is read again. One that was never read surely has news.
    const version = this.#born === null ? null : await this.#log.logVersion(this.id);
    if (version === null || version !== this.#version) await this.#read();
    this.#version = version;
    return { born: this.#born, end: this.#end, chunks: this.#chunks.clone() };
  });

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
