import { setTimeout as sleep } from "node:timers/promises";

import { type Fetch, reserveFetch, type Transferred } from "#db/fetches.ts";
import { mustKeepQuota, roomFor } from "#db/room.ts";
import type { Upload } from "#db/uploads.ts";
import { AppError, isAppError } from "#lib/errors/mod.ts";
import { nameOfAnswer, type RemoteAnswer } from "#lib/remote/mod.ts";

import type { WorkerContext } from "../context.ts";
import type { Job } from "../worker.ts";
import { ChunkBuffer } from "./chunk_buffer.ts";
import { FetchFailed } from "./fetch_failed.ts";
import { prefixBytes } from "./prefix_bytes.ts";
import { continues, lengthOf, validatorOf } from "./representation.ts";
import { statusError } from "./status_error.ts";
import type { FetchWatch } from "./watch.ts";

/** Between a connection that broke in the middle and the next. */
const pauseMs = 500;
/** What is reserved at a time where nobody knows the length. */
const reserveBytes = 8 * 2 ** 20;

/** What a transfer works with. */
export interface TransferParts {
  ctx: WorkerContext;
  lease: Job["lease"];
  upload: Upload;
  fetch: Fetch;
  watch: FetchWatch;
  signal: AbortSignal;
}

/**
 * Brings the bytes of a URL into the spool, from where an earlier run has come to. What its log holds is there, whatever dies;
 * what has come of the chunk after that is kept through broken connections, and lost with the run.
 */
export class Transfer {
  readonly #parts: TransferParts;
  readonly #url: URL;
  #far: Transferred;
  #chunks: ChunkBuffer;
  #reserved: number;
  readonly #from: number;
  #restarts = 0;

  /** @throws {AppError} `url-refused` where the rules were other ones when the upload was made. */
  static async open(parts: TransferParts): Promise<Transfer> {
    const { ctx, upload } = parts;
    const { born, entries } = await ctx.spool.readLog(upload.id);
    if (born === null) await ctx.spool.create(upload.id, 0);
    return new Transfer(parts, prefixBytes(entries, upload.chunkSize));
  }

  private constructor(parts: TransferParts, from: number) {
    const { fetch, upload, watch, ctx } = parts;
    this.#parts = parts;
    this.#url = ctx.remote.parse(fetch.url);
    this.#far = { length: fetch.length, received: fetch.received, validator: fetch.validator };
    this.#reserved = upload.size;
    this.#from = watch.received = from;
    this.#isWhole = from === fetch.length;
    // Of a chunk that is not whole, only the last one of all is in the log.
    this.#chunks = this.#chunksFrom(this.#isWhole ? 0 : from - (from % upload.chunkSize));
  }

  /** Whether every byte is in the spool. */
  #isWhole: boolean;

  /** Whether this run has brought what the next one needs not bring again. */
  get gotOn(): boolean {
    return this.#restarts === 0 && this.#far.validator !== null && this.#chunks.written > this.#from;
  }

  /**
   * Brings what is missing; a connection that breaks after it has brought something is followed by another.
   *
   * @returns the length of the whole.
   * @throws {AppError} `source-failed` when it is to be tried later; `source-refused`, `url-refused`.
   * @throws {FetchFailed} `too-large`, `no-space`.
   */
  async run(): Promise<number> {
    while (!this.#isWhole) {
      const before = this.#chunks.position;
      try {
        await this.#ask();
      } catch (error) {
        const canGoOn = this.#far.validator !== null && this.#chunks.position > before;
        if (!canGoOn || !isAppError(error, "source-failed") || error.retryAfterSeconds !== undefined) throw error;
        await sleep(pauseMs, undefined, { signal: this.#parts.signal });
      }
    }
    return this.#far.length ?? 0;
  }

  async #ask(): Promise<void> {
    const { ctx, signal } = this.#parts;
    const { validator } = this.#far;
    const position = validator === null ? 0 : this.#chunks.position;
    const range = validator !== null && position > 0 ? { range: `bytes=${position}-`, "if-range": validator } : undefined;
    using answer = await ctx.remote.open(this.#url, range ?? {}, signal);
    mustBeIdentity(answer);
    if (range && answer.status === 206) await this.#goOn(answer, position);
    else if (answer.status === 200) await this.#begin(answer);
    else if (range && answer.status === 416) await this.#startOver(answer);
    else throw statusError(answer, ctx.now());
    for await (const piece of answer.body) await this.#add(piece);
    await this.#end(answer);
  }

  /** A 206: the rest of what is there. */
  async #goOn(answer: RemoteAnswer, position: number): Promise<void> {
    const length = continues(answer, position, this.#far);
    if (length === undefined) return await this.#startOver(answer);
    if (length !== this.#far.length) await this.#know({ length });
    if (length !== null) await this.#reserve(length);
  }

  /** A 200: all of it, from the first byte on. What is there may be of another content, also beyond a chunk that is missing. */
  async #begin(answer: RemoteAnswer): Promise<void> {
    const { ctx, fetch } = this.#parts;
    await this.#empty();
    const length = lengthOf(answer);
    const name = fetch.isNamed === 1 ? {} : { name: nameOfAnswer(answer) };
    if (length !== null && length > ctx.config.FILE_MAX_BYTES) throw tooLarge(length, ctx.config.FILE_MAX_BYTES);
    await this.#know({ length, validator: validatorOf(answer) }, name);
    if (length !== null) await this.#reserve(length);
  }

  /** The server has something else by now, or says so; what is there is of no use. */
  async #startOver({ url, status }: RemoteAnswer): Promise<never> {
    await this.#empty();
    throw new AppError("source-failed", `${url.host} has other bytes than before (${status}); all of it is fetched anew`);
  }

  /** The row first: a worker that has lost it makes no file anew, and bytes without a validator are never gone on with. */
  async #empty(): Promise<void> {
    const { ctx, upload, watch } = this.#parts;
    if (this.#chunks.position > 0) this.#restarts++;
    await this.#know({ length: null, validator: null, received: 0 });
    await ctx.spool.create(upload.id, 0);
    await ctx.progress.drop(upload.id);
    this.#chunks = this.#chunksFrom(0);
    watch.received = 0;
  }

  async #add(piece: Uint8Array): Promise<void> {
    const { ctx, watch } = this.#parts;
    const end = this.#chunks.position + piece.byteLength;
    if (end > (this.#far.length ?? end)) throw new AppError("source-failed", `${this.#url.host} sent more than it said`);
    if (end > ctx.config.FILE_MAX_BYTES) throw tooLarge(end, ctx.config.FILE_MAX_BYTES);
    if (end > this.#reserved) await this.#reserve(Math.min(end + reserveBytes, ctx.config.FILE_MAX_BYTES), end);
    await this.#chunks.add(piece);
    watch.received = this.#chunks.position;
  }

  async #end({ url }: RemoteAnswer): Promise<void> {
    const { position } = this.#chunks;
    const length = this.#far.length ?? position;
    if (position < length) throw new AppError("source-failed", `${url.host} sent ${position} of ${length} bytes`);
    // Before the last chunk is in the log, which else would look like one that was cut short.
    if (this.#far.length === null) await this.#know({ length });
    await this.#chunks.end();
    this.#isWhole = true;
  }

  async #know(far: Partial<Transferred>, more: { name?: string } = {}): Promise<void> {
    await this.#parts.watch.note({ ...far, ...more });
    this.#far = { ...this.#far, ...far };
  }

  /** Reserves space up to byte `wanted`, or where there is not as much, to `least`. */
  async #reserve(wanted: number, least = wanted): Promise<void> {
    const { ctx, lease, upload } = this.#parts;
    if (wanted <= this.#reserved) return;
    try {
      (await roomFor(ctx, upload.userId)).mustTake(wanted - this.#reserved);
      const isOurs = await reserveFetch(ctx.catalog, lease, upload, wanted, (tx) => mustKeepQuota(ctx, tx, upload.userId));
      if (!isOurs) await this.#parts.watch.note({});
      this.#reserved = wanted;
    } catch (error) {
      if (!isAppError(error, "no-space")) throw error;
      if (wanted <= least) throw new FetchFailed("no-space", error.message);
      await this.#reserve(least);
    }
  }

  #chunksFrom(position: number): ChunkBuffer {
    const { ctx, upload, watch, signal } = this.#parts;
    const { id, chunkSize } = upload;
    return new ChunkBuffer(chunkSize, position, async (index, bytes) => {
      await watch.mustBeOurs();
      const offset = (index - 1) * chunkSize;
      const { logged } = await ctx.spool.writeChunk({ id, index, offset, size: bytes.byteLength, body: once(bytes), signal });
      ctx.progress.add(id, index, logged);
      ctx.metrics.bytesIn(bytes.byteLength);
      ctx.fault("fetch.after-chunk");
    });
  }
}

/** What was not asked for is not decoded: no small answer becomes a large file. */
function mustBeIdentity({ field, url }: RemoteAnswer): void {
  const coding = field("content-encoding") ?? "identity";
  if (coding.toLowerCase() === "identity") return;
  throw new AppError(
    "source-refused",
    `${url.host} sends the content coding ${JSON.stringify(coding)} though none was asked for`,
  );
}

function tooLarge(bytes: number, most: number): FetchFailed {
  return new FetchFailed("too-large", `the file has ${bytes} bytes or more; the drive takes at most ${most}`);
}

async function* once(bytes: Uint8Array) {
  yield bytes;
}
