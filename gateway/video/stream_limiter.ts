import { AppError } from "#lib/errors/mod.ts";

/** Streams come to an end within seconds more often than not: players close one to open the next. */
const retryAfterSeconds = 2;

/** Slots for what is sent for long. */
export interface StreamLimiter {
  /**
   * Takes a slot for a client.
   *
   * @returns what gives it back, once; called again it does nothing.
   * @throws {AppError} `too-many-streams` when none is left, or the client has its share of them.
   */
  enter(address: string): () => void;
  /** Slots taken. */
  readonly open: number;
}

/** Limits how many streams run at once: `max` in all, `maxPerClient` of them to one address. */
export function createStreamLimiter({ max, maxPerClient }: { max: number; maxPerClient: number }): StreamLimiter {
  const byClient = new Map<string, number>();
  let open = 0;
  const leave = (address: string) => {
    open -= 1;
    const left = (byClient.get(address) ?? 0) - 1;
    if (left > 0) byClient.set(address, left);
    else byClient.delete(address);
  };
  return {
    enter(address) {
      const held = byClient.get(address) ?? 0;
      if (open >= max) throw tooMany(`the drive streams ${open} videos at once, which is all it may`);
      if (held >= maxPerClient) throw tooMany(`your address is sent ${held} streams at once; it may have ${maxPerClient}`);
      open += 1;
      byClient.set(address, held + 1);
      let isIn = true;
      return () => {
        if (isIn) leave(address);
        isIn = false;
      };
    },
    get open() {
      return open;
    },
  };
}

function tooMany(what: string): AppError {
  return new AppError("too-many-streams", `${what}: end one, or try again in ${retryAfterSeconds} s`, { retryAfterSeconds });
}
