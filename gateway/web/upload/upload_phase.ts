/** Where an upload stands, as the person sees it. */
export type UploadPhase =
  | "waiting" // for the person to choose the file again, after a reload
  | "queued"
  | "hashing"
  | "checking"
  | "uploading"
  | "fetching" // by the drive, from a URL
  | "verifying"
  | "paused"
  | "done"
  | "failed"
  | "cancelled";
