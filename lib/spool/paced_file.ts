import { closeSync, open, openSync, write, writeSync } from "node:fs";
import { promisify } from "node:util";

import type { WritableAt } from "./write_fully.ts";
import type { WritePace } from "./write_pace.ts";

/** What is written by its descriptor on the loop, and by its own `write` off it: a `FileHandle`, say. */
interface Descriptor extends WritableAt {
  readonly fd: number;
}

/** A file that is written on the event loop or in a thread. */
export interface PacedFile {
  /** All of `bytes` unless told otherwise, at `position`, or where the file stands (at its end, by `O_APPEND`). */
  write(bytes: Uint8Array, offset?: number, length?: number, position?: number | null): Promise<{ bytesWritten: number }>;
}

const openInThread = promisify(open);
const writeInThread = promisify(write);

/** A file that is written on the event loop or in a thread, as the pace of its spool has it. */
export function pacedFile(file: Descriptor, pace: WritePace): PacedFile {
  return {
    async write(bytes, offset = 0, length = bytes.byteLength, position = null) {
      if (!pace.isOnLoop) return await file.write(bytes, offset, length, position);
      const bytesWritten = timed(pace, () => writeSync(file.fd, bytes, offset, length, position));
      return { bytesWritten };
    },
  };
}

/**
 * Opens a {@link pacedFile}, on the loop or in a thread, too: each trip to a thread costs some 20 µs of CPU, what is done there
 * 2 to 5, and a small chunk would make five.
 */
export async function openPaced(path: string, flags: string | number, pace: WritePace): Promise<PacedFile & Disposable> {
  const fd = pace.isOnLoop ? timed(pace, () => openSync(path, flags)) : await openInThread(path, flags);
  const file: Descriptor = { fd, write: (...args) => writeInThread(fd, ...args) };
  // Closing waits for no disk: what was written is the page cache's.
  return { ...pacedFile(file, pace), [Symbol.dispose]: () => closeSync(fd) };
}

function timed<T>(pace: WritePace, run: () => T): T {
  const begin = performance.now();
  const result = run();
  pace.took(performance.now() - begin);
  return result;
}
