/** A set of the 1-based chunk indexes of one upload, as a bitmap. */
export class ChunkSet {
  readonly chunkCount: number;
  readonly #bits: Uint8Array;
  #size = 0;

  constructor(chunkCount: number) {
    this.chunkCount = chunkCount;
    this.#bits = new Uint8Array(Math.ceil(chunkCount / 8));
  }

  /**
   * The set of a bitmap as {@link toBytes} gives it; `null` when it is not one of that many chunks. What the bits beyond
   * the last chunk say does not matter.
   */
  static fromBytes(chunkCount: number, bytes: Uint8Array): ChunkSet | null {
    const chunks = new ChunkSet(chunkCount);
    if (bytes.byteLength !== chunks.#bits.byteLength) return null;
    for (let index = 1; index <= chunkCount; index++) {
      if ((bytes[(index - 1) >> 3]! & (1 << ((index - 1) & 7))) !== 0) chunks.add(index);
    }
    return chunks;
  }

  /** How many indexes it holds. */
  get size(): number {
    return this.#size;
  }

  /** Whether no chunk is missing. */
  get complete(): boolean {
    return this.#size === this.chunkCount;
  }

  has(index: number): boolean {
    return this.#contains(index) && (this.#bits[(index - 1) >> 3]! & (1 << ((index - 1) & 7))) !== 0;
  }

  /** Adds an index; one outside 1…chunkCount is passed over (a log may outlive a change of chunk size). */
  add(index: number): void {
    if (!this.#contains(index) || this.has(index)) return;
    this.#bits[(index - 1) >> 3]! |= 1 << ((index - 1) & 7);
    this.#size++;
  }

  delete(index: number): void {
    if (!this.has(index)) return;
    this.#bits[(index - 1) >> 3]! &= ~(1 << ((index - 1) & 7));
    this.#size--;
  }

  /** The indexes that it lacks, ascending. */
  missing(): number[] {
    const missing: number[] = [];
    for (let index = 1; index <= this.chunkCount; index++) if (!this.has(index)) missing.push(index);
    return missing;
  }

  clone(): ChunkSet {
    const copy = new ChunkSet(this.chunkCount);
    copy.#bits.set(this.#bits);
    copy.#size = this.#size;
    return copy;
  }

  /** A bitmap of its own: chunk 1 is the lowest bit of the first byte; ⌈chunkCount ÷ 8⌉ bytes. */
  toBytes(): Uint8Array {
    return this.#bits.slice();
  }

  #contains(index: number): boolean {
    return Number.isInteger(index) && index >= 1 && index <= this.chunkCount;
  }
}
