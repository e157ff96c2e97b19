import { setTimeout as sleep } from "node:timers/promises";

import { AppError } from "../../errors/mod.ts";
import { asAppError, isPassing } from "./refusal.ts";

export interface Question {
  /** What the request is for, as the beginning of an error's message: "putting ab/cd/x". */
  action: string;
  /** How long the head of each answer may take. */
  timeoutMs: number;
  /** For how long it is sent again, while it fails in ways that pass. What runs then is still waited for. Not at all by default. */
  patienceMs?: number;
  signal: AbortSignal;
}

const firstDelayMs = 100;
const maxDelayMs = 5000;

/**
 * Sends a request, again if need be, with a growing delay between. The signal given to `send` also ends the body of an
 * answer; the timeout does not: it is over once `send` resolves.
 *
 * @throws the signal's reason when aborted; {@link AppError} else: `unavailable` for what may pass.
 */
export async function ask<T>(question: Question, send: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { action, patienceMs = 0, signal } = question;
  const until = performance.now() + patienceMs;
  for (let attempt = 1; ; attempt += 1) {
    signal.throwIfAborted();
    try {
      return await withDeadline(question, send);
    } catch (error) {
      signal.throwIfAborted();
      if (performance.now() >= until || !isPassing(error, attempt)) throw asAppError(error, action);
    }
    await pause(attempt, signal);
  }
}

async function withDeadline<T>(question: Question, send: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { action, timeoutMs, signal } = question;
  const late = new AbortController();
  const timer = setTimeout(() => {
    late.abort(
      new AppError("unavailable", `${action}: no answer of the object store in ${timeoutMs} ms`, { retryAfterSeconds: 5 }),
    );
  }, timeoutMs);
  try {
    return await send(AbortSignal.any([signal, late.signal]));
  } catch (error) {
    // The SDK wraps the reason of an abort in an error of its own.
    late.signal.throwIfAborted();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** Between a half and the whole of a delay that doubles, so that those who failed together do not come back together. */
async function pause(attempt: number, signal: AbortSignal): Promise<void> {
  const delayMs = Math.min(maxDelayMs, firstDelayMs * 2 ** (attempt - 1)) * (0.5 + Math.random() / 2);
  try {
    await sleep(delayMs, undefined, { signal });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}
