/** What of a `FileHandle` is needed. */
export interface WritableAt {
  write(bytes: Uint8Array, offset: number, length: number, position: number | null): Promise<{ bytesWritten: number }>;
}

/**
 * Writes all of `bytes`, the first at byte `position` of the file. One write does unless the system takes less than all
 * (pwrite(2): "it is not an error for a successful call to transfer fewer bytes than requested").
 */
export async function writeFully(file: WritableAt, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.byteLength;) {
    const { bytesWritten } = await file.write(bytes, done, bytes.byteLength - done, position + done);
    if (bytesWritten <= 0) throw new Error(`writing at byte ${position + done}: the system took ${bytesWritten} bytes`);
    done += bytesWritten;
  }
}
