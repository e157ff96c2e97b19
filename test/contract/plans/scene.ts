import type { MySqlTable } from "drizzle-orm/mysql-core";

import type { Catalog } from "#db/mod.ts";
import {
  attempts,
  blobs,
  challenges,
  comments,
  copies,
  cursors,
  fetches,
  files,
  nodes,
  sessions,
  shareGrants,
  shares,
  uploads,
  users,
  videos,
  viewBatches,
} from "#db/schema.ts";

/** Files in all; a fifth of them are the heavy user's, so that whoever reads a whole table would be tempted to. */
const fileCount = 50_000;
const userCount = 400;
/** A statement takes so many rows: SQLite binds at most 32,766 values. */
const batch = 500;

/** Now, to these rows. */
export const now = 1_000_000_000;
/** A user with 10,000 files. */
export const heavy = userId(0);
/** A user with some of everything. */
export const light = userId(7);
/** The node of one upload or spooled blob in three. */
export const node = "node0";

export function userId(i: number): string {
  return idOf("user", i % userCount);
}
export function idOf(kind: string, i: number): string {
  return `${kind}${String(i).padStart(26 - kind.length, "0")}`;
}
export function sha1Of(i: number): string {
  return Bun.SHA1.hash(String(i), "hex");
}
export function ownerOf(file: number): string {
  return file % 5 === 0 ? heavy : userId(file);
}

/** Fills a catalog with enough rows that a look at each of them would be felt. The same ones each time. */
export async function fillCatalog({ db }: Catalog): Promise<void> {
  async function fill<T extends MySqlTable>(table: T, count: number, row: (i: number) => T["$inferInsert"]): Promise<void> {
    for (let from = 0; from < count; from += batch) {
      const length = Math.min(batch, count - from);
      await db.insert(table).values(Array.from({ length }, (_, i) => row(from + i)));
    }
  }
  await fill(users, userCount, userRow);
  await fill(blobs, fileCount, blobRow);
  await fill(files, fileCount, fileRow);
  await fill(copies, 25_000, copyRow);
  await fill(cursors, 1, () => ({ id: "scrub", state: "due" as const, position: idOf("blob", 9), leaseUntil: now }));
  await fill(uploads, 20_000, uploadRow);
  await fill(fetches, 1000, (i) => ({ id: idOf("upload", 20 * i + 11), url: `https://example.com/${i}.iso`, isNamed: 0 }));
  await fill(sessions, 20_000, sessionRow);
  await fill(videos, 10_000, videoRow);
  await fill(comments, 20_000, commentRow);
  await fill(challenges, 5000, challengeRow);
  await fill(attempts, 5000, (i) => ({ key: `user:${i}`, failures: 1, blockedUntil: 0, expiresAt: now + i - 50 }));
  await fill(shares, 10_000, shareRow);
  await fill(shareGrants, 5000, (i) => ({ key: `share #${i + 10}`, expiresAt: now + i - 100 }));
  await fill(viewBatches, 10_000, (i) => ({ id: idOf("batch", i), at: now - 10_000 + i }));
  await fill(nodes, 3, (i) => ({ id: `node${i}`, url: `http://node${i}`, seenAt: now }));
}

function userRow(i: number): typeof users.$inferInsert {
  return { id: userId(i), username: `user-${i}`, passwordHash: "x".repeat(90), createdAt: i, lastActiveAt: i };
}

function blobRow(i: number): typeof blobs.$inferInsert {
  const state = i % 250 === 1 ? "spooled" : i % 500 === 2 ? "purging" : "stored";
  const [sha1, spool] = [sha1Of(i), { spoolId: idOf("spool", i), node: `node${i % 3}` }];
  const place = state === "spooled" ? spool : { store: "file", key: sha1 };
  const row = { id: idOf("blob", i), sha1, sha256: "0".repeat(64), size: i, state, createdAt: i, ...place } as const;
  return { ...row, liveSha1: state === "purging" ? null : sha1, leaseUntil: i % 1000 === 1 ? now * 2 : i };
}

function fileRow(i: number): typeof files.$inferInsert {
  const [name, isDeleted] = [`holiday picture ${i}.jpg`, i % 50 === 3];
  const deletion = isDeleted ? { deletedAt: i, purgeAt: now + i - 500 } : {};
  const row = { id: idOf("file", i), userId: ownerOf(i), name, searchName: name, blobId: idOf("blob", i), sha1: sha1Of(i) };
  return { ...row, liveName: isDeleted ? null : name, size: i, uploadedAt: i, updatedAt: now - fileCount + i, ...deletion };
}

/** Of every second blob, as most drives have them that keep two: one copy is wanted now and then, or moves, or leaves. */
function copyRow(i: number): typeof copies.$inferInsert {
  const blob = 2 * i;
  const isPurged = blob % 500 === 2;
  const state = isPurged || i % 200 === 10 ? "leaving" : i % 100 === 5 ? "wanted" : "held";
  const row = {
    id: idOf("copy", i),
    blobId: idOf("blob", blob),
    store: "second",
    key: `${sha1Of(blob)}-copy`,
    size: blob,
    state,
  } as const;
  const leaseUntil = state === "leaving" ? now - 5000 + i : 0;
  return {
    ...row,
    liveStore: state === "leaving" ? null : "second",
    replaces: i % 200 === 5 ? "file" : null,
    createdAt: i,
    leaseUntil,
  };
}

/** Every 20th is or was fetched by the drive itself. */
function uploadRow(i: number): typeof uploads.$inferInsert {
  const state =
    i % 40 === 0 ? "open" : i % 200 === 11 ? "fetching" : i % 200 === 7 ? "verifying" : i % 100 === 9 ? "failed" : "done";
  const chunks = { size: 30e6, chunkSize: 8_388_608, chunkCount: 4 };
  const isRunning = i % 1000 === 211;
  const lease = { leaseOwner: isRunning ? "somebody" : null, leaseUntil: isRunning ? now + 30_000 : i };
  const times = { createdAt: i, updatedAt: now - 20_000 + i, expiresAt: now + i - 100, ...lease };
  const row = { id: idOf("upload", i), userId: ownerOf(i), name: "a.bin", sha1: sha1Of(i), node: `node${i % 3}`, state } as const;
  return { ...row, ...chunks, ...times, error: state === "failed" ? "checksum-mismatch" : null };
}

function sessionRow(i: number): typeof sessions.$inferInsert {
  const revokedAt = i % 20 === 0 ? now - 20_000 + i : null;
  const times = { createdAt: i, expiresAt: now + i - 100, revokedAt };
  return { id: idOf("session", i), userId: userId(i), refreshHash: "0".repeat(64), ...times };
}

function videoRow(i: number): typeof videos.$inferInsert {
  const state = i % 100 === 1 ? "waiting" : i % 100 === 2 ? "unprobed" : i % 50 === 3 ? "deleted" : "ready";
  const deletion = state === "deleted" ? { deletedAt: i, purgeAt: now + i - 500 } : {};
  const file = state === "waiting" ? null : idOf("file", i);
  return { id: idOf("video", i), userId: ownerOf(i), title: "a", state, fileId: file, createdAt: i, leaseUntil: i, ...deletion };
}

function commentRow(i: number): typeof comments.$inferInsert {
  // One video in a hundred has many.
  const videoId = idOf("video", i % 2 === 0 ? 100 * (i % 7) : i % 10_000);
  return { id: idOf("comment", i), videoId, userId: userId(i), author: `user-${i}`, content: "so it is", createdAt: i };
}

function challengeRow(i: number): typeof challenges.$inferInsert {
  const row = { id: idOf("challenge", i), userId: ownerOf(i), sha1: sha1Of(i), size: i };
  return { ...row, nonce: "0".repeat(64), ranges: "0+100", expiresAt: now + i - 50 };
}

function shareRow(i: number): typeof shares.$inferInsert {
  const deletion = i % 50 === 3 ? { deletedAt: i, purgeAt: now + i - 500 } : { listed: i % 20 === 0 ? 1 : 0 };
  const row = { id: idOf("share", i), code: `code-${i}`, userId: ownerOf(i), fileId: idOf("file", i), createdAt: i };
  return { ...row, withId: i % 4 === 1 ? userId(i + 6) : null, views: i % 977, ...deletion };
}
