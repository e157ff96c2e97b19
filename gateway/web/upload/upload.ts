import { ProblemError } from "../api/problem_error.ts";
import { withRetry, type RetryOptions } from "../api/retry.ts";
import { sleep } from "../api/sleep.ts";
import type { UploadStatus } from "../api/wire.ts";
import { humanDuration } from "../ui/human_duration.ts";
import { failureText } from "./failure_text.ts";
import { follow } from "./follow.ts";
import type { ListedUpload } from "./listed_upload.ts";
import type { ResumeEntry } from "./resume_store.ts";
import { Speed } from "./speed.ts";
import { transfer } from "./transfer.ts";
import { tryInstant } from "./try_instant.ts";
import type { UploadParts } from "./upload_parts.ts";
import type { UploadPhase } from "./upload_phase.ts";

/** A drive that asks for chunks again and again is asked no faster than this. */
const tornDelayMs = 1000;

/**
 * One file on its way to the drive: hashed, tried as an instant upload, sent in chunks, verified by the drive. It can
 * be paused at any time, and goes on from what the drive holds.
 */
export class Upload implements ListedUpload {
  readonly name: string;
  readonly size: number;
  readonly hasSize = true;
  readonly canRetry = true;
  readonly speed = new Speed();
  /** Bytes hashed while `hashing`, else bytes that the drive has. */
  bytes = 0;
  /** What it waits for, or why it failed; `""` when there is nothing to say. */
  note = "";
  /** Whether no byte had to be sent. */
  instant = false;
  #phase: UploadPhase;
  #file: File | null;
  #sha1: string | null;
  #opened: { uploadId: string; chunkSize: number } | null;
  readonly #lastModified: number;
  readonly #parts: UploadParts;
  readonly #onChange: (upload: Upload) => void;
  #control: AbortController | null = null;
  #running: Promise<void> = Promise.resolve();

  /** @param source The file, or what is remembered of an upload whose file must be chosen again. */
  constructor(source: File | ResumeEntry, parts: UploadParts, onChange: (upload: Upload) => void) {
    const remembered = "uploadId" in source ? source : null;
    this.name = source.name;
    this.size = source.size;
    this.#lastModified = source.lastModified;
    this.#file = "uploadId" in source ? null : source;
    this.#sha1 = remembered?.sha1 ?? null;
    this.#opened = remembered;
    this.#phase = remembered ? "waiting" : "queued";
    this.#parts = parts;
    this.#onChange = onChange;
  }

  get phase(): UploadPhase {
    return this.#phase;
  }

  /** Whether leaving the page now would interrupt it. */
  get busy(): boolean {
    return this.#control !== null && this.#phase !== "verifying";
  }

  /** Whether it is the upload `uploadId`, and nothing is done here about it. */
  waitsAs(uploadId: string): boolean {
    return this.#phase === "waiting" && this.#opened?.uploadId === uploadId;
  }

  /** Takes the file that it waits for, and goes on; `false` when `file` is another one. */
  give(file: File): boolean {
    const same = file.name === this.name && file.size === this.size && file.lastModified === this.#lastModified;
    if (this.#phase !== "waiting" || !same) return false;
    this.#file = file;
    this.start();
    return true;
  }

  /** Starts, or goes on after {@link pause} or a failure. */
  start(): void {
    if (this.#control || this.#phase === "done" || this.#phase === "cancelled") return;
    const control = new AbortController();
    this.#control = control;
    this.#enter(control.signal, this.#file ? "queued" : "verifying");
    // A paused run may still wait for an answer that it must not repeat.
    this.#running = this.#running.then(() => this.#run(control));
  }

  pause(): void {
    if (this.#phase === "verifying") return;
    this.#stop("paused");
  }

  suspend(): void {
    if (this.busy) this.pause();
  }

  /** Gives the upload up, here and on the drive. */
  async cancel(): Promise<void> {
    this.#stop("cancelled");
    await this.#running;
    const opened = this.#opened;
    this.#forget();
    if (!opened || this.phase !== "cancelled") return;
    const signal = AbortSignal.timeout(60_000);
    await withRetry(() => this.#parts.client.cancelUpload(opened.uploadId), { signal }).catch(unlessGone);
  }

  #stop(phase: UploadPhase): void {
    this.#control?.abort();
    this.#control = null;
    this.#show(phase);
  }

  async #run(control: AbortController): Promise<void> {
    try {
      control.signal.throwIfAborted();
      if (this.#phase !== "done") await this.#work(control.signal);
    } catch (error) {
      if (!control.signal.aborted) this.#show("failed", textOf(error));
    } finally {
      if (this.#control === control) this.#control = null;
      this.#onChange(this);
    }
  }

  async #work(signal: AbortSignal): Promise<void> {
    for (;;) {
      const file = this.#file;
      const last = file ? await this.#parts.files.run(() => this.#deliver(file, signal), signal) : await this.#ask(signal);
      if (last === null) return this.#finish(true);
      if (last.state === "verifying") this.#enter(signal, "verifying");
      const end = await follow(this.#parts, last, this.#retry(signal));
      if (end.state !== "open") return this.#settle(end);
      if (!file) return this.#enter(signal, "waiting");
      await sleep(tornDelayMs, signal);
    }
  }

  /** Brings the file to the drive; `null` when it was there at once. */
  async #deliver(file: File, signal: AbortSignal, mayReopen = true): Promise<UploadStatus | null> {
    const sha1 = (this.#sha1 ??= await this.#hash(file, signal));
    if (!this.#opened) {
      this.#enter(signal, "checking");
      if (await tryInstant(this.#parts, { file, sha1 }, this.#retry(signal))) return null;
    }
    const opened = (this.#opened ??= await this.#open(file, sha1, signal));
    this.#enter(signal, "uploading");
    try {
      return await transfer(this.#parts, { ...opened, ...this.#retry(signal), onBytes: this.#onBytes, file });
    } catch (error) {
      unlessGone(error);
      if (!mayReopen) throw error;
      // It expired, or was cancelled elsewhere.
      this.#forget();
      return this.#deliver(file, signal, false);
    }
  }

  #hash(file: File, signal: AbortSignal): Promise<string> {
    const hash = () => {
      this.#enter(signal, "hashing");
      return this.#parts.hasher.run({ kind: "sha1", file }, signal, this.#onBytes);
    };
    return this.#parts.hashing.run(hash, signal);
  }

  /** Not cut short by a pause, so that an upload that was opened is known, and can be cancelled. */
  async #open(file: File, sha1: string, signal: AbortSignal): Promise<{ uploadId: string; chunkSize: number }> {
    const { name, size, lastModified } = file;
    const { uploadId, chunkSize } = await withRetry(
      () => this.#parts.client.openUpload({ name, size, sha1 }),
      this.#retry(signal),
    );
    this.#parts.store.put({ uploadId, name, size, sha1, chunkSize, lastModified });
    return { uploadId, chunkSize };
  }

  #ask(signal: AbortSignal): Promise<UploadStatus> {
    const { uploadId } = this.#opened ?? { uploadId: "" };
    return withRetry(() => this.#parts.client.uploadStatus(uploadId, signal), this.#retry(signal));
  }

  #settle({ state, error }: UploadStatus): void {
    if (state === "done") return this.#finish(false);
    // Trying again begins anew: the content may not be what was hashed.
    this.#forget();
    this.#sha1 = null;
    if (state === "cancelled") return this.#show("cancelled");
    throw new Error(failureText(error));
  }

  #finish(instant: boolean): void {
    this.#forget();
    this.instant = instant;
    this.bytes = this.size;
    this.#show("done");
  }

  #forget(): void {
    if (this.#opened) this.#parts.store.remove(this.#opened.uploadId);
    this.#opened = null;
  }

  #enter(signal: AbortSignal, phase: UploadPhase): void {
    signal.throwIfAborted();
    if (phase === "hashing" || phase === "checking") this.bytes = 0;
    if (phase === "hashing" || phase === "uploading") this.speed.reset();
    this.#show(phase);
  }

  #show(phase: UploadPhase, note = ""): void {
    this.#phase = phase;
    this.note = note;
    this.#onChange(this);
  }

  readonly #onBytes = (bytes: number): void => {
    if (bytes > this.bytes) this.note = "";
    this.bytes = bytes;
    this.speed.note(bytes);
    this.#onChange(this);
  };

  #retry(signal: AbortSignal): Required<Pick<RetryOptions, "signal" | "onWait">> {
    const onWait = (error: Error, delayMs: number) => {
      if (signal.aborted) return;
      this.note = `${error.message} Trying again in ${humanDuration(delayMs / 1000)}.`;
      this.#onChange(this);
    };
    return { signal, onWait };
  }
}

/** @throws `error`, unless it says that the upload is not there. */
function unlessGone(error: unknown): void {
  if (!(error instanceof ProblemError && error.status === 404)) throw error;
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
