import { type Checksum, Crc32, createHasher } from "../bytes/mod.ts";
import { AppError } from "../errors/mod.ts";

/** What a chunk's bytes must be. */
export interface ChunkClaim {
  /** 1-based. */
  index: number;
  /** Bytes, exactly. */
  size: number;
  checksum?: Checksum;
}

/** Checks a chunk's body against its claim while it goes by. */
export class ChunkCheck {
  readonly #claim: ChunkClaim;
  readonly #crc = new Crc32();
  readonly #hasher;
  #received = 0;

  constructor(claim: ChunkClaim) {
    this.#claim = claim;
    const { checksum } = claim;
    this.#hasher = checksum && checksum.algorithm !== "crc32" ? createHasher(checksum.algorithm) : null;
  }

  /** To be asked before the piece is written. @throws {AppError} `wrong-chunk-size` when the chunk ends before it does. */
  add(piece: Uint8Array): void {
    this.#received += piece.byteLength;
    if (this.#received > this.#claim.size) throw this.#wrongSize("at least ");
    this.#crc.update(piece);
    this.#hasher?.update(piece);
  }

  /**
   * To be asked at the body's end.
   * @returns the CRC-32 of the chunk.
   * @throws {AppError} `wrong-chunk-size` when the body was too short, `checksum-mismatch`.
   */
  end(): number {
    if (this.#received < this.#claim.size) throw this.#wrongSize("");
    if (this.#claim.checksum) this.#compare(this.#claim.checksum);
    return this.#crc.value;
  }

  #wrongSize(bound: string): AppError {
    const { index, size } = this.#claim;
    return new AppError("wrong-chunk-size", `chunk ${index} must be ${size} bytes, got ${bound}${this.#received}`);
  }

  #compare({ algorithm, digest: announced }: Checksum): void {
    const got = Buffer.from((this.#hasher ?? this.#crc).digest());
    if (got.equals(announced)) return;
    const [is, was] = [got.toString("base64"), Buffer.from(announced).toString("base64")];
    const what = `chunk ${this.#claim.index}: the ${algorithm} of the ${this.#received} bytes received is ${is}`;
    throw new AppError("checksum-mismatch", `${what}, announced was ${was}; send the chunk again`);
  }
}
