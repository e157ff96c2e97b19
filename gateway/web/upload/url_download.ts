import { ProblemError } from "../api/problem_error.ts";
import { withRetry } from "../api/retry.ts";
import type { UploadStatus } from "../api/wire.ts";
import { failureText } from "./failure_text.ts";
import { follow } from "./follow.ts";
import type { ListedUpload } from "./listed_upload.ts";
import { Speed } from "./speed.ts";
import type { UploadParts } from "./upload_parts.ts";
import type { UploadPhase } from "./upload_phase.ts";

/** A URL that the drive fetches by itself: the page only watches. It goes on without the page. */
export class UrlDownload implements ListedUpload {
  readonly uploadId: string;
  readonly speed = new Speed();
  readonly instant = false;
  readonly busy = false;
  readonly canRetry = false;
  name = "";
  size = 0;
  hasSize = false;
  bytes = 0;
  phase: UploadPhase = "fetching";
  note = "";
  readonly #parts: Pick<UploadParts, "client" | "feed">;
  readonly #onChange: (changed: UrlDownload) => void;
  readonly #control = new AbortController();

  /** @param status As the drive has told it first. */
  constructor(status: UploadStatus, parts: Pick<UploadParts, "client" | "feed">, onChange: (changed: UrlDownload) => void) {
    this.uploadId = status.uploadId;
    this.#parts = parts;
    this.#onChange = onChange;
    this.#take(status);
  }

  /** Follows it to its end. Never rejects: what fails is shown. */
  async watch(status: UploadStatus): Promise<void> {
    const { signal } = this.#control;
    try {
      await follow(this.#parts, status, { signal }, (next) => this.#show(next));
    } catch (error) {
      if (signal.aborted) return;
      this.phase = "failed";
      this.note = error instanceof Error ? error.message : String(error);
      this.#onChange(this);
    }
  }

  async cancel(): Promise<void> {
    this.suspend();
    if (this.phase !== "fetching" && this.phase !== "verifying") return;
    this.phase = "cancelled";
    const signal = AbortSignal.timeout(60_000);
    await withRetry(() => this.#parts.client.cancelUpload(this.uploadId), { signal }).catch((error: unknown) => {
      if (!(error instanceof ProblemError && error.status === 404)) throw error;
    });
  }

  suspend(): void {
    this.#control.abort();
  }

  #show(status: UploadStatus): void {
    this.#take(status);
    this.#onChange(this);
  }

  #take({ name, size, state, bytes, chunkCount, error }: UploadStatus): void {
    this.name = name;
    this.size = size;
    this.hasSize = state !== "fetching" || chunkCount > 0 || size === 0;
    this.bytes = state === "fetching" ? (bytes ?? 0) : size;
    // One that is open would be a client's to fill.
    this.phase = state === "open" ? "fetching" : state;
    this.note = state === "failed" ? failureText(error) : "";
    this.speed.note(this.bytes);
  }
}
