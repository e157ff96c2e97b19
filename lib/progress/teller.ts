import type { LogIndex, LogState } from "./log_index.ts";
import { isOlder, type KnownState, type Position, type Snapshots } from "./snapshots.ts";

/** How long it is believed that Redis has not lost what it was told. */
const retellMs = 1000;
/**
 * How long news are gathered. Who watches another node's upload looks once a second; meanwhile many chunks come in, and a small
 * file is done, of which nobody need be told. What is told then, of many uploads, goes out in one piece.
 */
const gatherMs = 500;

/** What is to be done next about one upload. */
type Task = { kind: "tell"; index: LogIndex } | { kind: "drop" };

interface Work {
  next: Task | null;
}

export interface TellerOptions {
  snapshots: Snapshots;
  /** Whether telling has a chance now; without one it is left out, and whoever asks next tells all. */
  ready: () => boolean;
  /** Told of a log that cannot be read; of Redis its client tells. */
  onLogError: (error: unknown) => void;
}

/**
 * Tells the other nodes of this node's uploads, a moment later and while nobody waits for it. Of one upload one thing is under way
 * at a time; what is asked for meanwhile comes down to the last of it, since telling tells all that the log says by then. So
 * what it keeps is bounded by the uploads, whatever comes in.
 */
export class Teller {
  readonly #options: TellerOptions;
  /** To be told of, by their ids, when the timer ends. */
  readonly #gathered = new Map<string, LogIndex>();
  #timer: Timer | undefined;
  readonly #works = new Map<string, Work>();
  readonly #running = new Set<Promise<void>>();
  readonly #told = new WeakMap<LogIndex, Position & { at: number }>();
  /** Whose logs were made here, and of which Redis cannot have heard. */
  readonly #unheard = new WeakSet<LogIndex>();

  constructor(options: TellerOptions) {
    this.#options = options;
  }

  tell(index: LogIndex): void {
    if (!this.#options.ready()) return;
    this.#gathered.set(index.id, index);
    this.#timer ??= setTimeout(() => this.#tellGathered(), gatherMs);
  }

  /** Of a log that was just made, whose upload nobody knows yet: who knows nothing of it asks its node. */
  begin(index: LogIndex, born: string): void {
    if (!this.#told.has(index)) this.#unheard.add(index);
    this.#told.set(index, { born, end: 0, at: Number.POSITIVE_INFINITY });
  }

  /** As `tell`, but not when `state`, just read, is what was told within the last second. */
  tellNews(index: LogIndex, { born, end }: LogState): void {
    const told = this.#told.get(index);
    const isKnown = told?.born === born && told?.end === end && performance.now() - told.at < retellMs;
    if (!isKnown) this.tell(index);
  }

  /** @param index of that upload, where it is known: of what was made here, and never told of, there is nothing to be dropped. */
  drop(id: string, index?: LogIndex): void {
    this.#gathered.delete(id);
    const isUnheard = index !== undefined && this.#unheard.has(index);
    if (!isUnheard && this.#options.ready()) this.#ask(id, { kind: "drop" });
  }

  /** Resolves when all is told, and nothing is under way any more. */
  async idle(): Promise<void> {
    this.#tellGathered();
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  #tellGathered(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#options.ready()) for (const [id, index] of this.#gathered) this.#ask(id, { kind: "tell", index });
    this.#gathered.clear();
  }

  #ask(id: string, task: Task): void {
    const work = this.#works.get(id);
    if (work) work.next = task;
    else this.#start(id, { next: task });
  }

  #start(id: string, work: Work): void {
    this.#works.set(id, work);
    const run = this.#run(id, work).finally(() => {
      this.#running.delete(run);
    });
    this.#running.add(run);
  }

  async #run(id: string, work: Work): Promise<void> {
    for (let task = work.next; task !== null; task = work.next) {
      work.next = null;
      await (task.kind === "tell" ? this.#tellAll(task.index) : this.#drop(id));
    }
    this.#works.delete(id);
  }

  async #tellAll(index: LogIndex): Promise<void> {
    this.#unheard.delete(index);
    const state = await this.#look(index);
    const newer = state && (await this.#advance(index, state));
    if (!newer) return;
    // Did the log have that newer state, a look from now on would show it. If it does not, it has lost its end by a power
    // cut, or the clock was set back before it was made, and what Redis holds is not so any more.
    const again = await this.#look(index);
    if (again) await this.#advance(index, again, isOlder(again, newer) ? newer : undefined);
  }

  /** The log's state; `null` when it has none, or cannot be read. */
  async #look(index: LogIndex): Promise<KnownState | null> {
    try {
      const { born, ...state } = await index.refresh();
      return born === null ? null : { ...state, born };
    } catch (error) {
      this.#options.onLogError(error);
      return null;
    }
  }

  /** The newer state that Redis holds, if it does. Should Redis fail, its client tells of that, and whoever asks next tells all. */
  async #advance(index: LogIndex, state: KnownState, refuted?: Position): Promise<Position | null> {
    try {
      const newer = await this.#options.snapshots.advance(index.id, state, refuted);
      if (newer === null) this.#told.set(index, { born: state.born, end: state.end, at: performance.now() });
      return newer;
    } catch {
      return null;
    }
  }

  async #drop(id: string): Promise<void> {
    // Should Redis fail, its client tells of that; a snapshot that stays has a time to live.
    await this.#options.snapshots.drop(id).catch(() => {});
  }
}
