/** What is remembered of an upload that is not finished, to go on after a reload. */
export interface ResumeEntry {
  uploadId: string;
  name: string;
  size: number;
  sha1: string;
  chunkSize: number;
  /** Of the file, in epoch milliseconds: with name and size it tells whether a chosen file is the same one. */
  lastModified: number;
}

/** The person's unfinished uploads, in localStorage; one record each, so that tabs do not write over each other. */
export class ResumeStore {
  readonly #storage: Storage;
  readonly #prefix: string;

  constructor(storage: Storage, username: string) {
    this.#storage = storage;
    this.#prefix = `sluice.upload ${username} `;
  }

  list(): ResumeEntry[] {
    const keys = Array.from({ length: this.#storage.length }, (_, index) => this.#storage.key(index) ?? "");
    return keys.filter((key) => key.startsWith(this.#prefix)).flatMap((key) => parse(this.#storage.getItem(key)));
  }

  /** Remembers an upload; a browser whose storage is full uploads all the same, and cannot resume. */
  put(entry: ResumeEntry): void {
    try {
      this.#storage.setItem(this.#prefix + entry.uploadId, JSON.stringify(entry));
    } catch (error) {
      if (!(error instanceof DOMException)) throw error;
    }
  }

  remove(uploadId: string): void {
    this.#storage.removeItem(this.#prefix + uploadId);
  }
}

/** The record, or nothing where another version of the page (or a person) wrote something else. */
function parse(text: string | null): ResumeEntry[] {
  try {
    const value: Partial<Record<keyof ResumeEntry, unknown>> | null = JSON.parse(text ?? "null");
    const { uploadId, name, size, sha1, chunkSize, lastModified } = value ?? {};
    if (typeof uploadId !== "string" || typeof name !== "string" || typeof sha1 !== "string") return [];
    if (typeof size !== "number" || typeof chunkSize !== "number" || typeof lastModified !== "number") return [];
    return [{ uploadId, name, size, sha1, chunkSize, lastModified }];
  } catch {
    return [];
  }
}
