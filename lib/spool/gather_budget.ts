/** A writer's part in a {@link GatherBudget}; given back when it is disposed of. */
export interface GatherShare extends Disposable {
  /** Where it may gather bytes before a disk write. */
  readonly buffer: Uint8Array;
}

/** Sizes in bytes. */
export interface GatherLimits {
  totalBytes: number;
  /** For one writer, while there is enough. */
  mostBytes: number;
  /** For one writer, always: past the total there is this much for each, and no less. */
  leastBytes: number;
}

// Bun's request bodies come in pieces of 64 KiB, which then go to the disk uncopied; more, gathered, was no faster.
const measured: GatherLimits = { totalBytes: 8 * 2 ** 20, mostBytes: 64 * 2 ** 10, leastBytes: 32 * 2 ** 10 };

/** Bounds the memory in which bodies are gathered, however many writers there are, and uses it again and again. */
export class GatherBudget {
  readonly #limits: GatherLimits;
  readonly #free: Uint8Array[] = [];
  #given = 0;

  constructor(limits: Partial<GatherLimits> = {}) {
    this.#limits = { ...measured, ...limits };
  }

  /** The share must not be disposed of while a write from its buffer is under way. */
  join(): GatherShare {
    const { totalBytes, mostBytes, leastBytes } = this.#limits;
    const bytes = Math.max(leastBytes, Math.min(mostBytes, totalBytes - this.#given));
    const buffer = (bytes === mostBytes ? this.#free.pop() : undefined) ?? new Uint8Array(bytes);
    this.#given += bytes;
    return { buffer, [Symbol.dispose]: () => this.#leave(buffer) };
  }

  #leave(buffer: Uint8Array): void {
    this.#given -= buffer.byteLength;
    if (buffer.byteLength === this.#limits.mostBytes) this.#free.push(buffer);
  }
}
