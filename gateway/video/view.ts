import type { Comment } from "#db/comments.ts";
import type { LiveVideo } from "#db/videos.ts";

import type { CommentView, VideoView } from "./schema.ts";

/** A video as the API shows it. */
export function videoView(video: LiveVideo, username: string): VideoView {
  const { id, title, state, fileId, createdAt, durationMs, width, height, posterKey } = video;
  return {
    id,
    title,
    username,
    // Whether it was probed is the drive's own business.
    state: state === "waiting" ? "waiting" : "ready",
    ...(fileId !== null && { fileId }),
    createdAt: new Date(createdAt).toISOString(),
    ...(durationMs !== null && { duration: durationMs / 1000 }),
    ...(width !== null && { width }),
    ...(height !== null && { height }),
    ...(posterKey !== null && { poster: `/videos/${id}/poster` }),
  };
}

/** A comment as the API shows it. */
export function commentView({ id, videoId, author, content, createdAt }: Comment): CommentView {
  return { id, videoId, author, content, createdAt: new Date(createdAt).toISOString() };
}
