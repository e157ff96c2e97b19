import { newId } from "../id/mod.ts";
import { Tally } from "./tally.ts";

/** How long a view may wait to be told, together with others; and how long after a failure it is tried again. */
const tellMs = 100;

/**
 * Tells views under an id: twice under the same one must count once.
 *
 * @param heard the id of what was told before and will not be told again; `null` for the first.
 */
export type TellViews = (id: string, counts: Map<string, number>, heard: string | null) => Promise<unknown>;

/** Tells views on, many at a time and each once. */
export class Untold {
  readonly #tell: TellViews;
  readonly #tally = new Tally();
  /** What was told and not heard of again: it is told again under the same id. */
  #doubtful: { id: string; counts: Map<string, number> } | null = null;
  #heard: string | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #telling: Promise<void> | null = null;

  constructor(tell: TellViews) {
    this.#tell = tell;
  }

  add(shareId: string): void {
    this.#tally.add(shareId);
    this.#later();
  }

  /** How many views of a share are not known to be told. */
  of(shareId: string): number {
    return this.#tally.of(shareId) + (this.#doubtful?.counts.get(shareId) ?? 0);
  }

  /** Tells all that there is, once. Never rejects. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#telling;
    await (this.#telling ??= this.#tellAll().finally(() => (this.#telling = null)));
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #later(): void {
    this.#timer ??= setTimeout(() => void this.flush(), tellMs);
  }

  async #tellAll(): Promise<void> {
    if (this.#doubtful === null && this.#tally.size === 0) return;
    this.#doubtful ??= { id: newId(), counts: this.#tally.take() };
    const { id, counts } = this.#doubtful;
    try {
      await this.#tell(id, counts, this.#heard);
      this.#heard = id;
      this.#doubtful = null;
    } catch {
      // The client has told why.
    }
    if (this.#doubtful !== null || this.#tally.size > 0) this.#later();
  }
}
