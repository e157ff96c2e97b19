import {
  closeSync,
  fstatSync,
  ftruncate,
  ftruncateSync,
  open,
  openSync,
  read,
  readSync,
  type Stats,
  write,
  writeSync,
} from "node:fs";
import { promisify } from "node:util";

import type { WritableAt } from "./write_fully.ts";
import { timed, type WritePace } from "./write_pace.ts";

/** What is written by its descriptor on the loop, and by its own `write` off it: a `FileHandle`, say. */
interface Descriptor extends WritableAt {
  readonly fd: number;
}

/** A file that is written on the event loop or in a thread. */
export interface PacedFile {
  /** All of `bytes` unless told otherwise, at `position`, or where the file stands (at its end, by `O_APPEND`). */
  write(bytes: Uint8Array, offset?: number, length?: number, position?: number | null): Promise<{ bytesWritten: number }>;
}

/** A file that was opened to be read or written on the event loop or in a thread. */
export interface OpenPacedFile extends PacedFile, Disposable {
  /** The `length` bytes from `position` on, or those that there are. */
  read(position: number, length: number): Promise<Uint8Array>;
  stat(): Promise<Stats>;
  /** Makes it `size` bytes long. */
  truncate(size: number): Promise<void>;
}

const openInThread = promisify(open);
const writeInThread = promisify(write);
const readInThread = promisify(read);
const truncateInThread = promisify(ftruncate);

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
 * 2 to 5, and a small chunk would make ten.
 */
export async function openPaced(path: string, flags: string | number, pace: WritePace): Promise<OpenPacedFile> {
  const fd = pace.isOnLoop ? timed(pace, () => openSync(path, flags)) : await openInThread(path, flags);
  const file: Descriptor = { fd, write: (...args) => writeInThread(fd, ...args) };
  return {
    ...pacedFile(file, pace),
    async read(position, length) {
      const bytes = Buffer.alloc(length);
      // The system would read nothing of it, which Node.js takes for a mistake.
      if (length === 0) return bytes;
      const count = pace.isOnLoop
        ? timed(pace, () => readSync(fd, bytes, 0, length, position))
        : (await readInThread(fd, bytes, 0, length, position)).bytesRead;
      return bytes.subarray(0, count);
    },
    // No disk is asked of a file that is open.
    stat: async () => fstatSync(fd),
    async truncate(size) {
      if (pace.isOnLoop) timed(pace, () => ftruncateSync(fd, size));
      else await truncateInThread(fd, size);
    },
    // Closing waits for no disk: what was written is the page cache's.
    [Symbol.dispose]: () => closeSync(fd),
  };
}
