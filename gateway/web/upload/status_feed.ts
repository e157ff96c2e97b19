import type { UploadStatus } from "../api/wire.ts";

/** Passes what the event stream says of uploads on to those who follow one. */
export class StatusFeed {
  readonly #waiting = new Map<string, Set<(status: UploadStatus) => void>>();

  publish(status: UploadStatus): void {
    const told = this.#waiting.get(status.uploadId);
    this.#waiting.delete(status.uploadId);
    for (const tell of told ?? []) tell(status);
  }

  /**
   * The next status that is published for an upload.
   *
   * @throws The reason of `signal` when it aborts.
   */
  next(uploadId: string, signal: AbortSignal): Promise<UploadStatus> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const waiting = this.#waiting.get(uploadId) ?? new Set();
      this.#waiting.set(uploadId, waiting.add(resolve));
      const leave = () => {
        waiting.delete(resolve);
        reject(signal.reason);
      };
      signal.addEventListener("abort", leave, { once: true });
    });
  }
}
