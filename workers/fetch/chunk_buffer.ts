/**
 * Cuts a stream of unknown length into chunks, of which the last is known to be one only when it has ended: hence it gathers
 * each, in one piece of memory of that size.
 */
export class ChunkBuffer {
  readonly #chunk: Uint8Array;
  readonly #write: (index: number, bytes: Uint8Array) => Promise<void>;
  #filled = 0;
  #index: number;

  /**
   * @param from byte at which the stream begins: the first one of a chunk.
   * @param write takes chunk `index` (1-based); the bytes are its own until it resolves.
   */
  constructor(chunkSize: number, from: number, write: (index: number, bytes: Uint8Array) => Promise<void>) {
    if (from % chunkSize !== 0) throw new RangeError(`byte ${from} is not the first of a chunk of ${chunkSize}`);
    this.#chunk = new Uint8Array(chunkSize);
    this.#index = from / chunkSize + 1;
    this.#write = write;
  }

  /** Where the next byte goes, those that are only gathered counted. */
  get position(): number {
    return this.written + this.#filled;
  }

  /** Bytes in whole chunks that are written. */
  get written(): number {
    return (this.#index - 1) * this.#chunk.byteLength;
  }

  async add(piece: Uint8Array): Promise<void> {
    for (let rest = piece; rest.byteLength > 0;) {
      const part = rest.subarray(0, this.#chunk.byteLength - this.#filled);
      this.#chunk.set(part, this.#filled);
      this.#filled += part.byteLength;
      rest = rest.subarray(part.byteLength);
      if (this.#filled < this.#chunk.byteLength) return;
      await this.#write(this.#index, this.#chunk);
      this.#index++;
      this.#filled = 0;
    }
  }

  /** Writes what is left as the last chunk. Nothing may be added after that. */
  async end(): Promise<void> {
    if (this.#filled > 0) await this.#write(this.#index, this.#chunk.subarray(0, this.#filled));
  }
}
