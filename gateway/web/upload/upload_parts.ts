import type { DriveClient } from "../api/drive_client.ts";
import type { Hasher } from "./hasher.ts";
import type { Pool } from "./pool.ts";
import type { ResumeStore } from "./resume_store.ts";
import type { StatusFeed } from "./status_feed.ts";

/** What all uploads of the page share. */
export interface UploadParts {
  client: Pick<DriveClient, "claim" | "prove" | "openUpload" | "putChunk" | "uploadStatus" | "completeUpload" | "cancelUpload">;
  hasher: Pick<Hasher, "run">;
  store: Pick<ResumeStore, "put" | "remove">;
  feed: StatusFeed;
  /** Files that are worked on at a time. */
  files: Pool;
  /** Files that are hashed at a time: two would only share one disk. */
  hashing: Pool;
  /** Chunks on their way at a time, over all files. */
  chunks: Pool;
}
