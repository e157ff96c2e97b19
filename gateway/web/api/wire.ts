/**
 * What the drive's HTTP answers hold, as far as this client reads them; the contract is `/openapi.json`.
 * Times are RFC 3339 strings, sizes are bytes.
 */

/** A file of the drive. */
export interface DriveFile {
  id: string;
  name: string;
  size: number;
  sha1: string;
  mime: string;
  state: "spooled" | "stored";
  uploadedAt: string;
}

/** One page of the list of files, and where the next one begins (absent or `null` on the last). */
export interface FilePage {
  files: DriveFile[];
  next?: string | null;
}

/** The answer to sign-up, sign-in and refresh. */
export interface Grant {
  user: { username: string };
  token: string;
  refreshToken: string;
  /** Seconds that `token` is good for. */
  expiresIn: number;
}

/** Byte ranges that the caller must show to hold. */
export interface Challenge {
  id: string;
  /** Hex; its bytes are the key of the HMAC. */
  nonce: string;
  ranges: [offset: number, length: number][];
}

/** An upload that is open. */
export interface OpenedUpload {
  uploadId: string;
  chunkSize: number;
  chunkCount: number;
}

/** How far an upload is. */
export interface UploadStatus {
  uploadId: string;
  name: string;
  size: number;
  state: "open" | "verifying" | "done" | "failed" | "cancelled";
  /** How many chunks the drive holds. */
  received: number;
  chunkCount: number;
  /** 1-based indexes of the chunks that it lacks. */
  missing: number[];
  fileId?: string;
  error?: string;
}

/** What an event of kind `file` carries. */
export type FileEvent = DriveFile | { id: string; deleted: true };
