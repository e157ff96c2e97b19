/** The chosen file cannot be read (any more); `message` is written for the person. */
export class FileError extends Error {
  override readonly name = "FileError";

  /** Words for what the File API reports (W3C File API, section 7). */
  static from({ name, message }: { name: string; message: string }): FileError {
    if (name === "NotFoundError" || name === "NotReadableError") {
      return new FileError(
        "The file cannot be read: it was moved or changed after you chose it, or it is a folder. Choose it again.",
      );
    }
    return new FileError(`The file cannot be read: ${message || name}`);
  }
}
