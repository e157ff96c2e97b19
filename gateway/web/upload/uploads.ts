import { ProblemError } from "../api/problem_error.ts";
import type { UploadStatus } from "../api/wire.ts";
import type { ResumeEntry, ResumeStore } from "./resume_store.ts";
import { Upload } from "./upload.ts";
import type { UploadParts } from "./upload_parts.ts";

/** What {@link Uploads} tells the page. */
export interface UploadsListeners {
  onAdded: (upload: Upload) => void;
  onChange: (upload: Upload) => void;
  onRemoved: (upload: Upload) => void;
  /** Something failed that belongs to no upload in the list. */
  onError: (error: unknown) => void;
}

/** The uploads of this page: those begun here, and those that a reload interrupted. */
export class Uploads {
  readonly #parts: UploadParts & { store: ResumeStore };
  readonly #listeners: UploadsListeners;
  readonly #list = new Set<Upload>();

  constructor(parts: UploadParts & { store: ResumeStore }, listeners: UploadsListeners) {
    this.#parts = parts;
    this.#listeners = listeners;
  }

  /** Whether leaving the page would interrupt any. */
  get busy(): boolean {
    return [...this.#list].some((upload) => upload.busy);
  }

  /** Uploads files; one that an interrupted upload waits for goes on there. */
  add(files: Iterable<File>): void {
    for (const file of files) {
      if ([...this.#list].some((upload) => upload.give(file))) continue;
      this.#keep(file).start();
    }
  }

  /** Shows what a reload interrupted, as far as the drive still knows it. */
  async restore(): Promise<void> {
    await Promise.all(this.#parts.store.list().map((entry) => this.#restore(entry)));
  }

  /** Takes an upload that has ended off the list, and gives up one that has not. */
  async remove(upload: Upload): Promise<void> {
    this.#list.delete(upload);
    this.#listeners.onRemoved(upload);
    if (upload.phase !== "done") await upload.cancel().catch((error: unknown) => this.#listeners.onError(error));
  }

  /** Takes in what an event says: an interrupted upload may have been gone on with, and ended, in another tab. */
  onStatus({ uploadId, state }: UploadStatus): void {
    if (state === "open" || state === "verifying") return;
    for (const upload of this.#list) {
      if (!upload.waitsAs(uploadId)) continue;
      this.#list.delete(upload);
      this.#listeners.onRemoved(upload);
    }
  }

  clearDone(): void {
    for (const upload of this.#list) if (upload.phase === "done") void this.remove(upload);
  }

  /** Stops all, without giving any up: at sign-out. */
  suspend(): void {
    for (const upload of this.#list) if (upload.busy) upload.pause();
  }

  async #restore(entry: ResumeEntry): Promise<void> {
    try {
      const { state, received } = await this.#parts.client.uploadStatus(entry.uploadId);
      if (state !== "open" && state !== "verifying") return this.#parts.store.remove(entry.uploadId);
      const upload = this.#keep(entry);
      upload.bytes = Math.min(entry.size, received * entry.chunkSize);
      this.#listeners.onChange(upload);
      if (state === "verifying") upload.start();
    } catch (error) {
      if (error instanceof ProblemError && error.status === 404) this.#parts.store.remove(entry.uploadId);
      else this.#listeners.onError(error);
    }
  }

  #keep(source: File | ResumeEntry): Upload {
    const upload = new Upload(source, this.#parts, (changed) => this.#listeners.onChange(changed));
    this.#list.add(upload);
    this.#listeners.onAdded(upload);
    return upload;
  }
}
