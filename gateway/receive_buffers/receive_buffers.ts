import type { Sockets } from "./sockets.ts";

/** So many large bodies at once are held back to a bound each; so few are let go again. */
const many = 24;
const few = 12;
/** Those that the system had accepted before the bound, and Bun only after it, are looked for after so many milliseconds. */
const againMs = 10;

/** Keeps memory small while many large bodies come in at once. */
export interface ReceiveBuffers {
  /** Runs what reads a large body. */
  during<T>(read: () => Promise<T>): Promise<T>;
  /** Bounds these from now on; nothing is bounded before. */
  attach(sockets: Sockets): void;
}

/**
 * Bun hands over what the system has of a body, up to 512 KiB at a time, and has no option for less. Left alone, the system's
 * receive buffers grow with the speed of the sender to megabytes, so that many bodies at once come in such pieces; held small, they
 * make a single upload slow. So they are bounded while there are many bodies.
 *
 * @param bytes of each connection.
 */
export function createReceiveBuffers(bytes: number): ReceiveBuffers {
  let sockets: Sockets | undefined;
  let running = 0;
  /** The most bodies for which the sockets were bounded; 0 while they are not. */
  let boundedFor = 0;
  let timer: Timer | undefined;

  function bound(): void {
    timer = undefined;
    if (boundedFor === 0 && running < many) return;
    sockets?.bound(bytes);
    boundedFor = running;
  }

  function release(): void {
    sockets?.release();
    boundedFor = 0;
  }

  function adapt(): void {
    if (sockets === undefined) return;
    if (boundedFor > 0 && running <= few) release();
    else if (boundedFor === 0 && running >= many) bound();
    else if (boundedFor > 0 && running > boundedFor) timer ??= setTimeout(bound, againMs);
  }

  return {
    async during(read) {
      running++;
      adapt();
      try {
        return await read();
      } finally {
        running--;
        adapt();
      }
    },
    attach: (attached) => {
      sockets = attached;
    },
  };
}
