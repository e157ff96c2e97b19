import { expect, test } from "bun:test";

import type { Blob } from "#db/blobs.ts";
import { deleteFile, insertFile } from "#db/files.ts";
import { insertUpload } from "#db/insert_upload.ts";
import { blobs } from "#db/schema.ts";
import { cancelUpload } from "#db/uploads.ts";
import { insertUser } from "#db/users.ts";
import { newId } from "#lib/id/mod.ts";

import { smallDrive } from "../../test/property/small_drive.ts";
import { type Changes, followChanges } from "./changes.ts";

/** A drive with a user, and ways to change what is theirs at a time of one's choosing. */
async function opened() {
  const drive = await smallDrive();
  const { ctx } = drive;
  const { catalog } = ctx;
  const userId = newId();
  await insertUser(catalog.db, { id: userId, username: userId, passwordHash: "", email: null, createdAt: 0, lastActiveAt: 0 });
  const content = { sha1: "0".repeat(40), sha256: "0".repeat(64), size: 0 };
  const values = { id: newId(), ...content, liveSha1: content.sha1, state: "stored" as const, key: "a", createdAt: 0 };
  await catalog.db.insert(blobs).values(values);
  const [blob] = await catalog.db.select().from(blobs);
  const addFile = (name: string, now: number) =>
    catalog.transaction((tx) => insertFile(tx, { id: newId(), userId, name, blob: blob as Blob, now }));
  const addUpload = async (now: number, node = ctx.node) => {
    const id = newId();
    const shape = { name: "u", size: 0, sha1: null, chunkSize: 1, chunkCount: 0, node, requestId: null };
    await insertUpload(catalog, { ...shape, id, userId, createdAt: now, expiresAt: 9e15 });
    return id;
  };
  const look = (changes: Changes) => Array.fromAsync(changes.look());
  const from = (at: number | null, askOwner: Parameters<typeof followChanges>[3] = nobody) =>
    followChanges(ctx, userId, at, askOwner);
  return { ...drive, catalog, userId, addFile, addUpload, look, from };
}

async function nobody(): Promise<never> {
  throw new Error("every upload is this node's");
}

test("tells what is new since the call before, uploads and files in the order of their times", async () => {
  await using drive = await opened();
  const changes = drive.from(1000);
  expect(await drive.look(changes)).toEqual([]);
  await drive.addFile("b", 3000);
  const id = await drive.addUpload(2000);
  const told = await drive.look(changes);
  expect(told.map(({ event, at }) => [event, at])).toEqual([
    ["upload", 2000],
    ["file", 3000],
  ]);
  expect(await drive.look(changes)).toEqual([]);
  await cancelUpload(drive.catalog, id, 4000, 9e15);
  expect(await drive.look(changes)).toMatchObject([{ event: "upload", data: { uploadId: id, state: "cancelled" }, at: 4000 }]);
});

test("tells nothing of before its beginning, and nothing of others", async () => {
  await using drive = await opened();
  await drive.addFile("old", 1000);
  const changes = drive.from(1000);
  expect(await drive.look(changes)).toEqual([]);
  const other = followChanges(drive.ctx, newId(), 0, nobody);
  expect(await drive.look(other)).toEqual([]);
});

test("one who begins is told whatever is committed from then on, whenever it was stamped", async () => {
  await using drive = await opened();
  const now = drive.ctx.now();
  await drive.addFile("there", now);
  const changes = drive.from(null);
  await changes.skip();
  expect(await drive.look(changes)).toEqual([]);
  await drive.addFile("in the same millisecond", now);
  await drive.addFile("stamped before", now - 5000);
  const told = await drive.look(changes);
  expect(told).toMatchObject([{ data: { name: "stamped before" } }, { data: { name: "in the same millisecond" } }]);
  expect(await drive.look(changes)).toEqual([]);
});

test("finds what is stamped a little earlier and committed later", async () => {
  await using drive = await opened();
  const changes = drive.from(1000);
  await drive.addFile("late stamp", 5000);
  expect(await drive.look(changes)).toHaveLength(1);
  await drive.addFile("early stamp", 4000);
  expect(await drive.look(changes)).toMatchObject([{ data: { name: "early stamp" }, at: 4000 }]);
  expect(await drive.look(changes)).toEqual([]);
});

test("tells of a deleted file by its id alone", async () => {
  await using drive = await opened();
  const { file } = await drive.addFile("a", 1500);
  const changes = drive.from(2000);
  await deleteFile(drive.catalog, drive.userId, file.id, 3000, 9e15);
  expect(await drive.look(changes)).toEqual([{ event: "file", data: { id: file.id, deleted: true }, at: 3000 }]);
});

test("tells of more changes of one millisecond than a page holds, each once", async () => {
  await using drive = await opened();
  const changes = drive.from(1000);
  for (let i = 0; i < 1200; i++) await drive.addFile(`${i}`, 5000);
  const told = await drive.look(changes);
  expect(new Set(told.map(({ data }) => (data as { id: string }).id)).size).toBe(1200);
  expect(told).toHaveLength(1200);
  await drive.addFile("one more", 5000);
  expect(await drive.look(changes)).toMatchObject([{ data: { name: "one more" } }]);
  expect(await drive.look(drive.from(4999))).toHaveLength(1201);
}, 60_000);

test("tells of another node's upload what its gateway says, as soon as it can be asked", async () => {
  await using drive = await opened();
  const status = { name: "u", size: 0, state: "open" as const, received: 3, chunkCount: 4, percent: 75, missing: [2] };
  let isAway = true;
  const changes = drive.from(1000, async ({ id }) => (isAway ? undefined : { uploadId: id, ...status }));
  const id = await drive.addUpload(2000, "other");
  expect(await drive.look(changes)).toEqual([]);
  expect(await drive.look(changes)).toEqual([]);
  isAway = false;
  expect(await drive.look(changes)).toEqual([{ event: "upload", data: { uploadId: id, ...status }, at: 2000 }]);
  expect(await drive.look(changes)).toEqual([]);
});
