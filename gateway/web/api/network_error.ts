/** No answer came: no connection, a drive that is down, or a connection cut on the way. */
export class NetworkError extends Error {
  override readonly name = "NetworkError";

  constructor(cause?: unknown) {
    super("No connection to the drive.", { cause });
  }
}
