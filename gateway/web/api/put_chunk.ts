import { sendBody } from "./send_body.ts";

/** One chunk on its way. */
export interface ChunkRequest {
  url: string;
  token: string;
  body: Blob;
  /** The value of `Upload-Checksum`. */
  checksum: string;
  signal: AbortSignal;
  /** Told how many bytes of this chunk have left. */
  onProgress: (bytes: number) => void;
}

/** Sends one chunk. @throws as {@link sendBody}. */
export async function putChunk({ checksum, ...request }: ChunkRequest): Promise<void> {
  const headers = { "Content-Type": "application/octet-stream", "Upload-Checksum": checksum };
  await sendBody({ ...request, method: "PUT", headers });
}
