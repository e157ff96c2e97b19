import { writeSync } from "node:fs";
import type { FileHandle } from "node:fs/promises";

import type { WritableAt } from "./write_fully.ts";
import type { WritePace } from "./write_pace.ts";

/** A file that is written on the event loop or in a thread, as the pace of its spool has it. */
export function pacedFile(file: FileHandle, pace: WritePace): WritableAt {
  return {
    async write(bytes, offset, length, position) {
      if (!pace.isOnLoop) return await file.write(bytes, offset, length, position);
      const begin = performance.now();
      const bytesWritten = writeSync(file.fd, bytes, offset, length, position);
      pace.took(performance.now() - begin);
      return { bytesWritten };
    },
  };
}
