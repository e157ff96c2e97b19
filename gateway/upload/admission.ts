import pLimit from "p-limit";

import { noSpace } from "#db/room.ts";

/** Runs what takes so many bytes of the disk's free space. @throws {AppError} `no-space` when they do not fit. */
export type Admission = <T>(bytes: number, run: () => Promise<T>) => Promise<T>;

export interface AdmissionOptions {
  /** How long a look at the disk is believed, where it leaves a plenty. */
  lifeMs?: number;
  /** What is more than anybody else may have written meanwhile, bytes. */
  plenty?: number;
}

interface Look {
  at: number;
  /** What was left, bytes: less all that was let in and had not ended when the look began. */
  bytes: number;
}

/**
 * Lets in whoever fits into what a look at the disk has left, so that no space is promised twice: what runs counts as taken,
 * and what has run is seen by the next look.
 *
 * A look serves all who came before it began, and, while it leaves a plenty, those who come in the next moment: then nobody waits
 * for anybody. For who does not fit, it is looked once more when all that ran have ended, for some may have failed, or have been
 * counted twice.
 */
export function createAdmission(look: () => Promise<number>, options: AdmissionOptions = {}): Admission {
  const { lifeMs = 100, plenty = 2 ** 30 } = options;
  const oneByOne = pLimit(1);
  const running = new Set<Promise<unknown>>();
  /** Bytes of what runs. */
  let taken = 0;
  let latest: Look = { at: 0, bytes: Number.NEGATIVE_INFINITY };
  let isWaiting = false;

  function fits(bytes: number, cameAt: number): boolean {
    if (isWaiting) return false;
    if (latest.at >= cameAt) return latest.bytes >= bytes;
    return performance.now() - latest.at < lifeMs && latest.bytes - bytes >= plenty;
  }

  async function lookAgain(): Promise<void> {
    const [at, before] = [performance.now(), taken];
    // Nobody is let in meanwhile: who ends now is counted twice at most.
    latest = { at, bytes: Number.NEGATIVE_INFINITY };
    latest = { at, bytes: (await look()) - before };
  }

  async function mustFit(bytes: number, cameAt: number): Promise<void> {
    if (fits(bytes, cameAt)) return;
    if (latest.at < cameAt) await lookAgain();
    if (bytes <= latest.bytes) return;
    isWaiting = true;
    try {
      await Promise.allSettled(running);
      await lookAgain();
    } finally {
      isWaiting = false;
    }
    if (bytes > latest.bytes) throw noSpace("the drive's disk", bytes, latest.bytes);
  }

  async function take<T>(bytes: number, run: () => Promise<T>): Promise<T> {
    latest.bytes -= bytes;
    taken += bytes;
    const work = run();
    running.add(work);
    try {
      return await work;
    } finally {
      running.delete(work);
      taken -= bytes;
    }
  }

  return async (bytes, run) => {
    const cameAt = performance.now();
    if (fits(bytes, cameAt)) return await take(bytes, run);
    const work = await oneByOne(async () => {
      await mustFit(bytes, cameAt);
      return { done: take(bytes, run) };
    });
    return await work.done;
  };
}
