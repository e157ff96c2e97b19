import type { Speed } from "./speed.ts";
import type { UploadPhase } from "./upload_phase.ts";

/** One entry of the list of uploads: a file of this machine, or one that the drive fetches by itself. */
export interface ListedUpload {
  readonly name: string;
  readonly size: number;
  /** `false` while nobody knows the size: it is what has come so far then. */
  readonly hasSize: boolean;
  /** Bytes hashed while `hashing`, else bytes that the drive has. */
  readonly bytes: number;
  readonly speed: Speed;
  readonly phase: UploadPhase;
  /** What it waits for, or why it failed; `""` when there is nothing to say. */
  readonly note: string;
  /** Whether no byte had to be sent. */
  readonly instant: boolean;
  /** Whether leaving the page now would interrupt it. */
  readonly busy: boolean;
  /** Whether it can be tried again after a failure. */
  readonly canRetry: boolean;
  /** Gives it up, here and on the drive. */
  cancel(): Promise<void>;
  /** Stops what the page does about it, without giving it up. */
  suspend(): void;
}
