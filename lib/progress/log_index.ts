import type { LogTail, Spool } from "../spool/port.ts";
import { ChunkSet } from "./chunk_set.ts";
import { coalesce } from "./coalesce.ts";

/** What a log says: `chunks` is what the first `end` bytes of the log `born` come to, for good. */
export interface LogState extends Pick<LogTail, "born" | "end"> {
  chunks: ChunkSet;
}

/** The chunks of one upload as its log says, with how far the log was read. */
export class LogIndex {
  readonly id: string;
  readonly chunkCount: number;
  readonly #log: Pick<Spool, "readLog">;
  #chunks: ChunkSet;
  #born: string | null = null;
  #end = 0;

  constructor(log: Pick<Spool, "readLog">, id: string, chunkCount: number) {
    this.id = id;
    this.chunkCount = chunkCount;
    this.#log = log;
    this.#chunks = new ChunkSet(chunkCount);
  }

  /** Reads what the log has had added, by whatever process, before this call. @returns a copy. */
  readonly refresh: () => Promise<LogState> = coalesce(async () => {
    const tail = await this.#log.readLog(this.id, this.#end);
    if (tail.born === this.#born && tail.end >= this.#end) this.#apply(tail);
    else this.#startOver(this.#end === 0 ? tail : await this.#log.readLog(this.id));
    return { born: this.#born, end: this.#end, chunks: this.#chunks.clone() };
  });

  /** Another log, or one that lost its end. */
  #startOver(whole: LogTail): void {
    this.#chunks = new ChunkSet(this.chunkCount);
    this.#born = whole.born;
    this.#apply(whole);
  }

  #apply({ entries, end }: LogTail): void {
    for (const entry of entries) {
      if (entry.kind === "received") this.#chunks.add(entry.index);
      else this.#chunks.delete(entry.index);
    }
    this.#end = end;
  }
}
