import type { Question } from "./ask.ts";

/** What a connection says of its times, in milliseconds. */
export interface Patience {
  settings: {
    /** How long the head of an answer may take, connecting included, to a request that sends no file. */
    answerTimeout: number;
    /** How long a body may stand still, and for how long a put that fails is tried again. */
    idleTimeout: number;
  };
}

/** For what somebody waits for: a hiccup of the store is ridden out, an outage is told at once. */
const hiccupMs = 1000;

/** A request that sends no file, with somebody waiting for its answer. */
export function quickly({ settings }: Patience, action: string, signal: AbortSignal): Question {
  return { action, timeoutMs: settings.answerTimeout, patienceMs: hiccupMs, signal };
}

/** A request of a put, which can wait: a store that starts again in less than `idleTimeout` interrupts none. */
export function patiently({ settings }: Patience, action: string, signal: AbortSignal): Question {
  return { action, timeoutMs: settings.answerTimeout, patienceMs: settings.idleTimeout, signal };
}

/** Slower than this, a request has as good as stopped: 128 KiB a second. */
const leastBytesPerSecond = 2 ** 17;

/**
 * A request whose body are `size` bytes of a file. One that stands still ends after `idleTimeout`; the deadline is for one
 * that goes on for ever at next to nothing, or does not come as far as being connected.
 */
export function sending(of: Patience, action: string, size: number, signal: AbortSignal): Question {
  const { answerTimeout, idleTimeout } = of.settings;
  const timeoutMs = answerTimeout + idleTimeout + Math.ceil((size / leastBytesPerSecond) * 1000);
  return { ...patiently(of, action, signal), timeoutMs };
}
