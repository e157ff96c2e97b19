import type { Challenge } from "../api/wire.ts";

/** What the page asks of its hash worker. */
export type HashTask =
  | { kind: "sha1"; file: Blob }
  | { kind: "proof"; file: Blob; challenge: Pick<Challenge, "nonce" | "ranges"> }
  | { kind: "checksum"; chunk: Blob };

/** Page to worker. */
export type HashRequest = { id: number; task: HashTask } | { id: number; abort: true };

/** Worker to page. */
export type HashReply =
  | { id: number; progress: number }
  | { id: number; result: string }
  | { id: number; error: { name: string; message: string } };
