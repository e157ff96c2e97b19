import type { DriveClient } from "../api/drive_client.ts";
import { ProblemError } from "../api/problem_error.ts";
import type { UploadStatus } from "../api/wire.ts";
import type { ListedUpload } from "./listed_upload.ts";
import type { ResumeEntry, ResumeStore } from "./resume_store.ts";
import { Upload } from "./upload.ts";
import type { UploadParts } from "./upload_parts.ts";
import type { WantedUrl } from "./url_dialog.ts";
import { UrlDownload } from "./url_download.ts";

type UploadsParts = UploadParts & { store: ResumeStore; client: Pick<DriveClient, "fetchUrl"> };

/** What {@link Uploads} tells the page. */
export interface UploadsListeners {
  onAdded: (upload: ListedUpload) => void;
  onChange: (upload: ListedUpload) => void;
  onRemoved: (upload: ListedUpload) => void;
  /** Something failed that belongs to no upload in the list. */
  onError: (error: unknown) => void;
}

/** The uploads of this page: those begun here, and those that a reload interrupted. */
export class Uploads {
  readonly #parts: UploadsParts;
  readonly #listeners: UploadsListeners;
  readonly #list = new Set<ListedUpload>();
  /** Ids of what the drive fetches, those that were taken off the list, too. */
  readonly #fetched = new Set<string>();

  constructor(parts: UploadsParts, listeners: UploadsListeners) {
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
      if ([...this.#list].some((upload) => upload instanceof Upload && upload.give(file))) continue;
      this.#keep(file).start();
    }
  }

  /** Has the drive fetch a URL. */
  async addUrl(wanted: WantedUrl): Promise<void> {
    const { uploadId } = await this.#parts.client.fetchUrl(wanted);
    this.#watch(await this.#parts.client.uploadStatus(uploadId));
  }

  /** Shows what a reload interrupted, as far as the drive still knows it. */
  async restore(): Promise<void> {
    await Promise.all(this.#parts.store.list().map((entry) => this.#restore(entry)));
  }

  /** Takes an upload that has ended off the list, and gives up one that has not. */
  async remove(upload: ListedUpload): Promise<void> {
    this.#list.delete(upload);
    this.#listeners.onRemoved(upload);
    if (upload.phase !== "done") await upload.cancel().catch((error: unknown) => this.#listeners.onError(error));
  }

  /**
   * Takes in what an event says: an interrupted upload may have been gone on with, and ended, in another tab; a URL may be
   * fetched that was asked for there, or before a reload.
   */
  onStatus(status: UploadStatus): void {
    const { uploadId, state } = status;
    if (state === "fetching") return this.#watch(status);
    if (state === "open" || state === "verifying") return;
    for (const upload of this.#list) {
      if (!(upload instanceof Upload && upload.waitsAs(uploadId))) continue;
      this.#list.delete(upload);
      this.#listeners.onRemoved(upload);
    }
  }

  clearDone(): void {
    for (const upload of this.#list) if (upload.phase === "done") void this.remove(upload);
  }

  /** Stops all, without giving any up: at sign-out. */
  suspend(): void {
    for (const upload of this.#list) upload.suspend();
  }

  async #restore(entry: ResumeEntry): Promise<void> {
    try {
      const { state, received } = await this.#parts.client.uploadStatus(entry.uploadId);
      if (state !== "open" && state !== "verifying") return this.#parts.store.remove(entry.uploadId);
      const upload = this.#keep(entry, Math.min(entry.size, received * entry.chunkSize));
      if (state === "verifying") upload.start();
    } catch (error) {
      if (error instanceof ProblemError && error.status === 404) this.#parts.store.remove(entry.uploadId);
      else this.#listeners.onError(error);
    }
  }

  #watch(status: UploadStatus): void {
    if (this.#fetched.has(status.uploadId)) return;
    this.#fetched.add(status.uploadId);
    const download = new UrlDownload(status, this.#parts, (changed) => this.#listeners.onChange(changed));
    this.#list.add(download);
    this.#listeners.onAdded(download);
    void download.watch(status);
  }

  /** @param bytes how many the drive has of it. */
  #keep(source: File | ResumeEntry, bytes = 0): Upload {
    const upload = new Upload(source, this.#parts, (changed) => this.#listeners.onChange(changed));
    upload.bytes = bytes;
    this.#list.add(upload);
    this.#listeners.onAdded(upload);
    return upload;
  }
}
