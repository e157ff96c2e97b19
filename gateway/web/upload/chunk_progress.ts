/** Adds up the bytes of an upload: the chunks that the drive holds, and what has left of those on their way. */
export class ChunkProgress {
  #held: number;
  readonly #moving = new Map<number, number>();

  /** @param heldBytes Of the chunks that the drive held at the beginning. */
  constructor(heldBytes: number) {
    this.#held = heldBytes;
  }

  /** `bytes` of chunk `index` have left; 0 when it begins anew. */
  move(index: number, bytes: number): void {
    this.#moving.set(index, bytes);
  }

  /** The drive holds chunk `index`, of `bytes` bytes. */
  hold(index: number, bytes: number): void {
    this.#moving.delete(index);
    this.#held += bytes;
  }

  get bytes(): number {
    return [...this.#moving.values()].reduce((sum, bytes) => sum + bytes, this.#held);
  }
}
