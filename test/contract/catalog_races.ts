import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import { and, eq, isNull, ne } from "drizzle-orm";

import { type Attempt, changeAttempts, findAttempts } from "#db/attempts.ts";
import { holdOrMakeBlob } from "#db/blobs.ts";
import { insertChallenge, takeChallenge } from "#db/challenges.ts";
import { deleteFile, filesToPurge, insertFile, linkFile, purgeFile, renameFile, retryDuplicates } from "#db/files.ts";
import { insertUpload } from "#db/insert_upload.ts";
import { claimLease, releaseLease } from "#db/leases.ts";
import type { Catalog } from "#db/mod.ts";
import { blobs, files, uploads } from "#db/schema.ts";
import { insertSession, rotateRefresh } from "#db/sessions.ts";
import { deleteUser } from "#db/users.ts";
import { deleteVideo, fillVideo, insertVideo } from "#db/videos.ts";
import { isAppError } from "#lib/errors/mod.ts";
import { newId } from "#lib/id/mod.ts";

import type { CatalogHarness } from "./catalog.ts";
import { addUser, contentOf, fullSpool, times } from "./catalog_rows.ts";

setDefaultTimeout(300_000);

/** What must hold when several processes do the same at once, each on a catalog of its own. */
export function catalogRaces(name: string, open: () => Promise<CatalogHarness>): void {
  describe(`races: ${name}`, () => {
    let harness: CatalogHarness;
    let db: Catalog["db"];
    beforeAll(async () => {
      harness = await open();
      db = harness.catalog.db;
    });
    afterAll(async () => harness.close());

    /** One process or the other. */
    const at = (i: number): Catalog => (i % 2 === 0 ? harness.catalog : harness.other);
    /** As the merge worker does it. */
    const upload = (catalog: Catalog, userId: string, content: ReturnType<typeof contentOf>, file = "a.txt") =>
      retryDuplicates(() =>
        catalog.transaction(async (tx) => {
          const blob = await holdOrMakeBlob(tx, newId(), content, { spoolId: newId(), node: "n" }, 0, fullSpool);
          return await insertFile(tx, { id: newId(), userId, name: file, blob, now: 0 });
        }),
      );
    const liveFiles = (userId: string) =>
      db
        .select()
        .from(files)
        .where(and(eq(files.userId, userId), isNull(files.deletedAt)));

    test("a video that is deleted while its file comes in leaves no file behind", async () => {
      const outcomes = await Promise.all(
        times(40, async (i) => {
          const [userId, id] = [await addUser(db), newId()];
          await insertVideo(db, { id, userId, title: "t", fileId: null, mime: null, createdAt: 0 });
          const fill = at(i).transaction(async (tx) => {
            const blob = await holdOrMakeBlob(tx, newId(), contentOf(id), { spoolId: newId(), node: "n" }, 0, fullSpool);
            const { file } = await insertFile(tx, { id: newId(), userId, name: "a.wav", blob, now: 0 });
            if (!(await fillVideo(tx, { id, userId, fileId: file.id, mime: "audio/wav" }))) throw new Error("too late");
          });
          const remove = async () => {
            await Bun.sleep(i % 10);
            return await deleteVideo(at(i + 1), { id, userId, now: 1, purgeAt: 2 });
          };
          const [filled, deleted] = await Promise.allSettled([fill, remove()]);
          expect(deleted).toEqual({ status: "fulfilled", value: true });
          if (filled.status === "rejected") expect(String(filled.reason)).toContain("too late");
          expect(await liveFiles(userId)).toEqual([]);
          return filled.status;
        }),
      );
      expect(outcomes).toContain("fulfilled");
    });

    test("of one content uploaded many times at once there is one blob, and a file for each", async () => {
      for (const round of times(5, String)) {
        const content = contentOf(newId() + round);
        const owners = await Promise.all(times(12, () => addUser(db)));
        const made = await Promise.all(owners.map((owner, i) => upload(at(i), owner, content)));
        expect(new Set(made.map(({ blob }) => blob.id)).size).toBe(1);
        expect(await db.select().from(blobs).where(eq(blobs.liveSha1, content.sha1))).toHaveLength(1);
        for (const owner of owners) expect(await liveFiles(owner)).toHaveLength(1);
      }
    });

    test("no two living files of a user have one name, whatever is linked, renamed and deleted at once", async () => {
      const userId = await addUser(db);
      const content = contentOf(newId());
      const first = await upload(at(0), userId, content);
      const link = (i: number) => linkFile(at(i), { id: newId(), userId, name: "a.txt", ...content, now: 0 });
      const rename = (i: number) =>
        renameFile(at(i), userId, first.file.id, `a (${i % 4}).txt`, 0).catch((error: unknown) => {
          if (!isAppError(error, "name-taken")) throw error;
        });
      const linked = await Promise.all(times(40, (i) => (i % 3 === 2 ? rename(i) : link(i))));
      const live = await liveFiles(userId);
      expect(live).toHaveLength(1 + linked.filter((each) => typeof each === "object").length);
      expect(new Set(live.map((file) => file.name)).size).toBe(live.length);
      expect(live.every((file) => file.name === file.liveName)).toBe(true);
    });

    test("of many who open an upload of one content, one opens it, and the others are told which", async () => {
      const userId = await addUser(db);
      const { sha1, size } = contentOf(newId());
      const shape = { userId, name: "u", size, sha1, chunkSize: 1, chunkCount: 1, node: "n", requestId: null };
      const ids = times(20, () => newId());
      const found = await Promise.all(ids.map((id, i) => insertUpload(at(i), { ...shape, id, createdAt: 0, expiresAt: 1 })));
      const open = await db.select().from(uploads).where(eq(uploads.userId, userId));
      expect(open).toHaveLength(1);
      expect(found.filter((each) => each === undefined)).toHaveLength(1);
      expect(found.map((each, i) => each?.id ?? ids[i])).toEqual(ids.map(() => open[0]?.id));
    });

    test("a row has one lease at a time, and each a higher fence than the one before", async () => {
      const userId = await addUser(db);
      const { blob } = await upload(at(0), userId, contentOf(newId()));
      let fence = 0;
      for (let round = 1; round <= 15; round++) {
        const claim = { table: "blobs", id: blob.id, state: "spooled", now: round * 10, leaseMs: 1000 } as const;
        const leases = await Promise.all(times(10, (i) => claimLease(at(i), { ...claim, owner: `${round}-${i}` })));
        const [won, ...more] = leases.filter((lease) => lease !== null);
        expect(more).toEqual([]);
        expect(won?.fence).toBeGreaterThan(fence);
        fence = won?.fence ?? 0;
        if (won) await releaseLease(at(round), won, 0, 0);
      }
    });

    test("bytes that a living file needs are never purged, though files come and go at once", async () => {
      const userId = await addUser(db);
      const content = contentOf(newId());
      const come = async (i: number) => await upload(at(i), userId, content, `${i}`);
      const link = async (i: number) => await linkFile(at(i), { id: newId(), userId, name: `l${i}`, ...content, now: 0 });
      const go = async (i: number) => {
        const [one] = await liveFiles(userId).limit(1);
        if (one) await deleteFile(at(i), userId, one.id, 0, 1);
        for (const due of await filesToPurge(at(i), 2, 100)) await purgeFile(at(i), due, 2);
      };
      for (let round = 0; round < 12; round++) {
        await Promise.all(times(12, (i) => [come, link, go, go][i % 4]?.(i)));
        for (const file of await liveFiles(userId)) {
          const [blob] = await db.select().from(blobs).where(eq(blobs.id, file.blobId));
          expect(blob).toMatchObject({ state: "spooled", liveSha1: content.sha1 });
        }
      }
      // And what nobody needs is: the last one takes them along.
      for (const file of await liveFiles(userId)) await deleteFile(at(0), userId, file.id, 0, 1);
      await go(0);
      const left = await db
        .select()
        .from(blobs)
        .where(and(eq(blobs.sha1, content.sha1), ne(blobs.state, "purging")));
      expect(left).toEqual([]);
    });

    test("every failure is counted, though many are at once and their keys cross", async () => {
      const keys = times(3, (i) => `${newId()}-${i}`);
      const [a = "", b = "", c = ""] = keys;
      const pairs = [
        [a, b],
        [b, c],
        [c, a],
        [b, a],
      ];
      const plusOne = (mine: string[]) => (held: Attempt[]) =>
        mine.map((key) => {
          const failures = (held.find((row) => row.key === key)?.failures ?? 0) + 1;
          return { key, failures, blockedUntil: 0, expiresAt: 9e15 };
        });
      await Promise.all(times(40, (i) => changeAttempts(at(i), pairs[i % 4] ?? [], plusOne(pairs[i % 4] ?? []))));
      const counted = new Map((await findAttempts(db, keys)).map((row) => [row.key, row.failures]));
      expect(keys.map((key) => counted.get(key))).toEqual([30, 30, 20]);
    });

    test("nothing is left to an account that was deleted while it was made", async () => {
      for (let round = 0; round < 6; round++) {
        const userId = await addUser(db);
        const content = contentOf(newId());
        const shape = { userId, name: "u", size: 1, sha1: null, chunkSize: 1, chunkCount: 1, node: "n", requestId: null };
        const gone = (work: Promise<unknown>) =>
          work.catch((error: unknown) => {
            if (!isAppError(error, "unauthorized")) throw error;
          });
        await Promise.all([
          ...times(6, (i) => gone(upload(at(i), userId, content))),
          ...times(6, (i) => gone(insertUpload(at(i), { ...shape, id: newId(), createdAt: 0, expiresAt: 1 }))),
          at(round).transaction((tx) => deleteUser(tx, userId, { at: 0, purgeAt: 1 })),
        ]);
        expect(await liveFiles(userId)).toEqual([]);
        const open = and(eq(uploads.userId, userId), ne(uploads.state, "cancelled"));
        expect(await db.select().from(uploads).where(open)).toEqual([]);
      }
    });

    test("of many who trade a refresh token or answer a challenge, one does", async () => {
      const userId = await addUser(db);
      const [id, challengeId] = [newId(), newId()];
      await insertSession(db, { id, userId, refreshHash: "old", createdAt: 0, expiresAt: 9e15 });
      const traded = await Promise.all(
        times(10, (i) => rotateRefresh(at(i).db, { id, from: "old", to: `${i}`, at: 0, expiresAt: 9e15 })),
      );
      expect(traded.filter(Boolean)).toHaveLength(1);
      const challenge = { id: challengeId, userId, sha1: "", size: 0, nonce: "", ranges: "", expiresAt: 1 };
      await insertChallenge(at(0), challenge);
      const taken = await Promise.all(times(10, (i) => takeChallenge(at(i), userId, challengeId)));
      expect(taken.filter((each) => each !== undefined)).toEqual([challenge]);
    });
  });
}
