import type { Spool } from "../spool/port.ts";
import { ChunkSet } from "./chunk_set.ts";
import { coalesce } from "./coalesce.ts";

/** The chunks of one upload as its log says, with how far the log was read. */
export class LogIndex {
  readonly chunkCount: number;
  readonly #id: string;
  readonly #log: Pick<Spool, "readLog">;
  #chunks: ChunkSet;
  #end = 0;

  constructor(log: Pick<Spool, "readLog">, id: string, chunkCount: number) {
    this.chunkCount = chunkCount;
    this.#id = id;
    this.#log = log;
    this.#chunks = new ChunkSet(chunkCount);
  }

  /** Reads what the log has had added, by whatever process, before this call. @returns a copy. */
  readonly refresh: () => Promise<ChunkSet> = coalesce(async () => {
    const tail = await this.#log.readLog(this.#id, this.#end);
    // A log that ends before where it once ended was made anew.
    if (tail.end < this.#end) await this.#startOver();
    else this.#apply(tail);
    return this.#chunks.clone();
  });

  async #startOver(): Promise<void> {
    const whole = await this.#log.readLog(this.#id);
    this.#chunks = new ChunkSet(this.chunkCount);
    this.#apply(whole);
  }

  #apply({ entries, end }: Awaited<ReturnType<Spool["readLog"]>>): void {
    for (const entry of entries) {
      if (entry.kind === "received") this.#chunks.add(entry.index);
      else this.#chunks.delete(entry.index);
    }
    this.#end = end;
  }
}
