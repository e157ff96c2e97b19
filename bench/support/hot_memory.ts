import { closeSync, openSync, rmSync, writeSync } from "node:fs";

const pieceBytes = 2 ** 20;

/** Memory that is the machine's own, kept for a run that will need as much. */
export interface HotMemory extends Disposable {
  /** Takes it (back). */
  hold(): void;
  /** Gives it to the run that begins now. */
  release(): void;
}

/**
 * Holds `bytes` of memory in a file of `/dev/shm` between runs that write files.
 *
 * A virtual machine with free page reporting gives freed memory to its host after two seconds, and waits for the host when
 * it takes it again: on the machine of docs/performance.md a file is written to the page cache at 0.33 GB/s into memory
 * that the host has to find, and at 4 GB/s into memory freed just before. The difference is no server's doing.
 */
export function hotMemory(bytes: number): HotMemory {
  const path = `/dev/shm/sluice-bench-${process.pid}`;
  const piece = new Uint8Array(pieceBytes);
  const hold = () => {
    const fd = openSync(path, "w");
    for (let done = 0; done < bytes; done += pieceBytes) writeSync(fd, piece);
    closeSync(fd);
  };
  const release = () => rmSync(path, { force: true });
  return { hold, release, [Symbol.dispose]: release };
}
