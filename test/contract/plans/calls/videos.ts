import { commentById, deleteComment, insertComment, listComments, purgeComments } from "#db/comments.ts";
import {
  deleteVideo,
  fillVideo,
  finishProbe,
  forgetVideo,
  holdVideo,
  insertVideo,
  listVideos,
  postponePurge,
  videoById,
  videosToProbe,
  videosToPurge,
} from "#db/videos.ts";

import type { Calls } from "../calls.ts";
import { heavy, idOf, node, now } from "../scene.ts";

const lease = { table: "videos", id: idOf("video", 2), owner: "somebody", fence: 1 } as const;
const video = { id: idOf("video", 90_000), userId: heavy, title: "a", fileId: null, mime: null, createdAt: now };
const comment = {
  id: idOf("comment", 90_000),
  videoId: idOf("video", 100),
  userId: heavy,
  author: "a",
  content: "b",
  createdAt: 0,
};

export const videoCalls: Calls = {
  insertVideo: (catalog) => catalog.transaction((tx) => insertVideo(tx, video)),
  fillVideo: (catalog) =>
    catalog.transaction((tx) => fillVideo(tx, { id: video.id, userId: heavy, fileId: idOf("file", 10), mime: "video/mp4" })),
  videoById: ({ db }) => videoById(db, video.id),
  listVideos: ({ db }) => listVideos(db, { userId: heavy, limit: 100 }),
  "listVideos, the next page": ({ db }) => listVideos(db, { userId: heavy, before: idOf("video", 8000), limit: 100 }),
  holdVideo: (catalog) => catalog.transaction((tx) => holdVideo(tx, video.id)),
  videosToProbe: (catalog) => videosToProbe(catalog, node, now, 100),
  finishProbe: (catalog) => finishProbe(catalog, lease, { durationMs: 1, width: 1, height: 1, posterKey: null }),
  deleteVideo: (catalog) => deleteVideo(catalog, { id: video.id, userId: heavy, now, purgeAt: now }),
  videosToPurge: (catalog) => videosToPurge(catalog, now, 100),
  postponePurge: (catalog) => postponePurge(catalog, video.id, now),
  insertComment: (catalog) => catalog.transaction((tx) => insertComment(tx, comment)),
  commentById: ({ db }) => commentById(db, comment.videoId, comment.id),
  listComments: ({ db }) => listComments(db, { videoId: comment.videoId, limit: 100 }),
  "listComments, the next page": ({ db }) =>
    listComments(db, { videoId: comment.videoId, before: idOf("comment", 15_000), limit: 100 }),
  deleteComment: ({ db }) => deleteComment(db, comment.videoId, comment.id),
  purgeComments: (catalog) => purgeComments(catalog, comment.videoId, 100),
  forgetVideo: (catalog) => forgetVideo(catalog, video.id, now),
};
