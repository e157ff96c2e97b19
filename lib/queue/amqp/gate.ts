/** Lets so many in at once; the others wait in line. */
export interface Gate {
  /** Rejects with the signal's reason when that fires first. Whoever got in calls {@link Gate.leave}. */
  enter(signal: AbortSignal): Promise<void>;
  leave(): void;
}

export function createGate(places: number): Gate {
  let free = places;
  const line = new Set<() => void>();
  const wait = async (signal: AbortSignal) => {
    const turn = Promise.withResolvers<void>();
    const giveUp = () => {
      line.delete(turn.resolve);
      turn.reject(signal.reason);
    };
    line.add(turn.resolve);
    signal.addEventListener("abort", giveUp, { once: true });
    await turn.promise.finally(() => signal.removeEventListener("abort", giveUp));
  };
  return {
    async enter(signal) {
      signal.throwIfAborted();
      if (free > 0) free -= 1;
      else await wait(signal);
    },
    leave() {
      const [first] = line;
      if (first === undefined) free += 1;
      else {
        // The place passes on, so that nobody slips in between.
        line.delete(first);
        first();
      }
    },
  };
}
