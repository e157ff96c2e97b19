import { findChallenge, forgetChallenges, insertChallenge, takeChallenge } from "#db/challenges.ts";
import { insertUpload } from "#db/insert_upload.ts";
import {
  cancelUpload,
  closeUpload,
  countOpenUploads,
  dueUploads,
  expireUploads,
  failUpload,
  forgetUploads,
  openBytes,
  openUploadOf,
  openUploads,
  pendingBytesOf,
  renewUpload,
  uploadById,
  uploadsChangedAfter,
  uploadStates,
} from "#db/uploads.ts";

import type { Calls } from "../calls.ts";
import { heavy, idOf, node, now, sha1Of } from "../scene.ts";

const open = idOf("upload", 19_960);
const challenge = { userId: heavy, sha1: sha1Of(1), size: 1, nonce: "0".repeat(64), ranges: "0+1", expiresAt: now };
const upload = { userId: heavy, name: "a", size: 30e6, sha1: sha1Of(1), chunkSize: 8_388_608, chunkCount: 4, requestId: null };
const place = { node, createdAt: now, expiresAt: now };
const lease = { table: "uploads", id: idOf("upload", 7), owner: "somebody", fence: 1 } as const;

export const uploadCalls: Calls = {
  insertUpload: (catalog) => insertUpload(catalog, { ...upload, ...place, id: idOf("upload", 90_000) }),
  "insertUpload, some at once, of content that is not declared": (catalog) =>
    Promise.all(
      [1, 2, 3, 4].map((i) => insertUpload(catalog, { ...upload, ...place, sha1: null, id: idOf("upload", 90_000 + i) })),
    ),
  uploadById: ({ db }) => uploadById(db, open),
  openUploadOf: ({ db }) => openUploadOf(db, heavy, sha1Of(40), 30e6),
  renewUpload: (catalog) => renewUpload(catalog, open, now + 20_000),
  closeUpload: (catalog) => closeUpload(catalog, open, now, "request"),
  failUpload: (catalog) => failUpload(catalog, lease, "checksum-mismatch", now, now),
  cancelUpload: (catalog) => cancelUpload(catalog, open, now, now),
  expireUploads: (catalog) => expireUploads(catalog, now, now + 20_000, 100),
  forgetUploads: (catalog) => forgetUploads(catalog, now - 50, 100),
  dueUploads: (catalog) => dueUploads(catalog, node, now, 100),
  openUploads: (catalog) => openUploads(catalog, node),
  openBytes: (catalog) => openBytes(catalog, node),
  pendingBytesOf: ({ db }) => pendingBytesOf(db, heavy),
  countOpenUploads,
  "uploadsChangedAfter, the first look": (catalog) => uploadsChangedAfter(catalog, heavy, { at: now - 60_000, id: "" }, 500),
  uploadsChangedAfter: (catalog) => uploadsChangedAfter(catalog, heavy, { at: now - 20, id: "" }, 500),
  uploadStates: ({ db }) =>
    uploadStates(
      db,
      [1, 2, 3].map((i) => idOf("upload", i)),
    ),
  insertChallenge: (catalog) => insertChallenge(catalog, { ...challenge, id: idOf("challenge", 90_000) }),
  findChallenge: ({ db }) => findChallenge(db, heavy, idOf("challenge", 90_000)),
  takeChallenge: (catalog) => takeChallenge(catalog, heavy, idOf("challenge", 90_000)),
  forgetChallenges: (catalog) => forgetChallenges(catalog, now - 20),
};
