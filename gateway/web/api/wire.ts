import type { z } from "zod";

import type { FileView, listSchema } from "../../file/schema.ts";
import type { offlineStartedSchema } from "../../offline/schema.ts";
import type { ListedShareView, NewShare, OwnShareView, ShareView, topSchema } from "../../share/schema.ts";
import type { challengeSchema, initiatedSchema, StatusView } from "../../upload/schema.ts";
import type { SignedIn } from "../../user/schema.ts";
import type { CommentView, commentListSchema, videoListSchema, VideoView } from "../../video/schema.ts";

// What the drive's HTTP answers hold: the types of the very schemas that the gateway answers by. Only types are
// imported, so that none of the gateway gets into the bundle.

/** A file of the drive. */
export type DriveFile = FileView;

/** One page of the list of files, and where the next one begins. */
export type FilePage = z.output<typeof listSchema>;

/** The answer to sign-up, sign-in and refresh. */
export type Grant = SignedIn;

/** Byte ranges that the caller must show to hold. */
export type Challenge = z.output<typeof challengeSchema>["challenge"];

/** An upload that is open. */
export type OpenedUpload = z.output<typeof initiatedSchema>;

/** An upload that the drive fills by itself. */
export type OfflineStarted = z.output<typeof offlineStartedSchema>;

/** How far an upload is. */
export type UploadStatus = StatusView;

/** What an event of kind `file` carries. */
export type FileEvent = DriveFile | { id: string; deleted: true };

/** A video of the drive. */
export type DriveVideo = VideoView;

/** One page of somebody's videos. */
export type VideoPage = z.output<typeof videoListSchema>;

/** What somebody says of a video. */
export type DriveComment = CommentView;

/** One page of a video's comments. */
export type CommentPage = z.output<typeof commentListSchema>;

/** A share as whoever may open it sees it. */
export type DriveShare = ShareView;

/** A share of this person's. */
export type OwnShare = OwnShareView;

/** A share in a list of others' shares. */
export type ListedShare = ListedShareView;

/** The listed shares, most viewed first. */
export type TopShares = z.output<typeof topSchema>;

/** How a file is shared. */
export type ShareOptions = NewShare;

/** One page of shares, and where the next one begins. */
export interface SharePage<T> {
  shares: T[];
  next: string | null;
}
