import type { IncomingMessage } from "node:http";

import { AppError } from "../errors/mod.ts";
import { asSourceError } from "./request_once.ts";

/**
 * The bytes of an answer, as they come and no faster than they are taken. Silence counts only while a piece is waited for.
 *
 * @param idleMs longest silence, milliseconds.
 * @throws {AppError} `source-failed` when the answer is cut, or stands still; the signal's reason when that is aborted.
 */
export async function* timedBody(
  answer: IncomingMessage,
  { url, idleMs, signal }: { url: URL; idleMs: number; signal: AbortSignal },
): AsyncGenerator<Uint8Array, void, undefined> {
  const idle = new AbortController();
  const stop = () => void answer.destroy();
  for (const each of [signal, idle.signal]) each.addEventListener("abort", stop, { once: true });
  const wait = () =>
    setTimeout(() => idle.abort(new AppError("source-failed", `${url.host} was silent for ${idleMs} ms`)), idleMs);
  let timer = wait();
  try {
    for await (const piece of answer) {
      clearTimeout(timer);
      signal.throwIfAborted();
      yield piece;
      timer = wait();
    }
    // An answer that was destroyed may end as if it had come to its end.
    signal.throwIfAborted();
    idle.signal.throwIfAborted();
    if (!answer.complete) throw new AppError("source-failed", `${url.host} broke off`);
  } catch (error) {
    signal.throwIfAborted();
    idle.signal.throwIfAborted();
    throw asSourceError(url, error);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
    answer.destroy();
  }
}
