/** Something that is done over and over. */
export interface Repeated {
  run: (i: number) => Promise<unknown>;
  /** Ends what was left to be done later: its time counts, too. */
  settle?: () => Promise<void>;
}

/**
 * Does something over and over for some seconds, `inFlight` at once, and longer where it takes long; after a fifth of that to
 * warm up. @returns times a second.
 */
export async function rateOf(inFlight: number, seconds: number, { run, settle }: Repeated): Promise<number> {
  const begin = performance.now() + seconds * 200;
  const end = begin + seconds * 1000;
  let [started, counted] = [0, 0];
  const work = async () => {
    while (performance.now() < end || counted < 2 * inFlight) {
      await run(started++);
      if (performance.now() >= begin) counted++;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, work));
  await settle?.();
  return (counted * 1000) / (performance.now() - begin);
}
