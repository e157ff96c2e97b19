import { FileError } from "./file_error.ts";
import type { HashReply, HashRequest, HashTask } from "./hash_protocol.ts";

interface Pending {
  resolve: (result: string) => void;
  reject: (error: unknown) => void;
  onProgress: ((bytes: number) => void) | undefined;
}

/** The page's side of the hash worker. */
export class Hasher {
  readonly #worker: Worker;
  readonly #pending = new Map<number, Pending>();
  #lastId = 0;

  /** @param url Where the worker's script is. */
  constructor(url: string) {
    this.#worker = new Worker(url);
    this.#worker.addEventListener("message", ({ data }: MessageEvent<HashReply>) => this.#onReply(data));
    this.#worker.addEventListener("error", () =>
      this.#failAll(new Error("The page's worker could not be started. Reload the page.")),
    );
  }

  /**
   * Does one task in the worker.
   *
   * @throws {FileError} When the file cannot be read.
   * @throws The reason of `signal` when it aborts.
   */
  run(task: HashTask, signal: AbortSignal, onProgress?: (bytes: number) => void): Promise<string> {
    const id = ++this.#lastId;
    return new Promise<string>((resolve, reject) => {
      signal.throwIfAborted();
      const abort = () => {
        this.#post({ id, abort: true });
        this.#settle(id)?.reject(signal.reason);
      };
      signal.addEventListener("abort", abort, { once: true });
      const done =
        <T>(settle: (value: T) => void) =>
        (value: T) => {
          signal.removeEventListener("abort", abort);
          settle(value);
        };
      this.#pending.set(id, { resolve: done(resolve), reject: done(reject), onProgress });
      this.#post({ id, task });
    });
  }

  #onReply(reply: HashReply): void {
    if ("progress" in reply) this.#pending.get(reply.id)?.onProgress?.(reply.progress);
    else if ("result" in reply) this.#settle(reply.id)?.resolve(reply.result);
    else this.#settle(reply.id)?.reject(FileError.from(reply.error));
  }

  #settle(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    return pending;
  }

  #failAll(error: Error): void {
    for (const id of this.#pending.keys()) this.#settle(id)?.reject(error);
  }

  #post(request: HashRequest): void {
    this.#worker.postMessage(request);
  }
}
