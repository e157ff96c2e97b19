import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import { eq, inArray } from "drizzle-orm";

import { type Blob, blobById, holdOrMakeBlob, lockBlob, purgeBlobUnlessNeeded } from "#db/blobs.ts";
import { deleteFile, filesToPurge, insertFile, insertFiles, linkFile, purgeFile } from "#db/files.ts";
import { insertUpload } from "#db/insert_upload.ts";
import { linkStored } from "#db/link_stored.ts";
import type { Catalog, Queries } from "#db/mod.ts";
import { blobs, files, uploads } from "#db/schema.ts";
import type { StoredFile } from "#db/stored_file.ts";
import { newUploadRow } from "#db/uploads.ts";
import { deleteUser, lockUser } from "#db/users.ts";
import { isAppError } from "#lib/errors/mod.ts";
import { newId } from "#lib/id/mod.ts";

import type { CatalogHarness } from "./catalog.ts";
import { addUser, contentOf, fullSpool, times } from "./catalog_rows.ts";

setDefaultTimeout(300_000);

const shape = {
  name: "u",
  size: 1,
  sha1: null,
  chunkSize: 1,
  chunkCount: 1,
  node: "n",
  requestId: null,
  createdAt: 5,
  expiresAt: 9,
};

/** What is made by one statement, which locks what it needs for sharing, where others hold rows by transactions. */
export function catalogAtOnce(name: string, open: () => Promise<CatalogHarness>): void {
  describe(`rows made by one statement: ${name}`, () => {
    let harness: CatalogHarness;
    let db: Queries;
    beforeAll(async () => {
      harness = await open();
      db = harness.catalog.db;
    });
    afterAll(async () => harness.close());

    /** One process or the other. */
    const at = (i: number): Catalog => (i % 2 === 0 ? harness.catalog : harness.other);
    /** A user with a file of a content that is stored. */
    const holder = async (state: "stored" | "spooled" = "stored") => {
      const [userId, content] = [await addUser(db), contentOf()];
      const held = await harness.catalog.transaction(async (tx) => {
        const blob = await holdOrMakeBlob(tx, newId(), content, { spoolId: newId(), node: "n" }, 0, fullSpool);
        return await insertFile(tx, { id: newId(), userId, name: "a.txt", blob, now: 0 });
      });
      await db.update(blobs).set({ state }).where(eq(blobs.id, held.blob.id));
      return { userId, ...held, blob: { ...held.blob, state } };
    };
    type Held = Awaited<ReturnType<typeof holder>>;
    const link = (catalog: Catalog, { blob, userId, file }: Held, as = newId()) =>
      linkStored(catalog, blob, { id: newId(), userId, name: as, sha1: file.sha1, now: 3 });
    const filesOf = (userId: string) => db.select().from(files).where(eq(files.userId, userId));
    const isDone = async (work: Promise<unknown>) =>
      await Promise.race([work.then(() => true), Bun.sleep(150).then(() => false)]);

    test("files made at once are the rows that are made one by one, each under a name of its own", async () => {
      const [many, single] = [await holder(), await holder()];
      const names = ["b.txt", "a.txt", "b.txt", "A.txt", "a.txt", "Ａé.TXT"];
      const make = (rows: Held, run: (tx: Queries, given: { id: string; name: string; blob: Blob }[]) => Promise<StoredFile[]>) =>
        harness.catalog.transaction(async (tx) => {
          const blob = await blobById(tx, rows.blob.id);
          return blob
            ? await run(
                tx,
                names.map((name) => ({ id: newId(), name, blob })),
              )
            : [];
        });
      const made = await make(many, (tx, given) => insertFiles(tx, many.userId, given, 5));
      await make(single, async (tx, given) => {
        const each: StoredFile[] = [];
        for (const file of given) each.push(await insertFile(tx, { ...file, userId: single.userId, now: 5 }));
        return each;
      });
      expect(made.map(({ file }) => file.name)).toEqual(["b.txt", "a (1).txt", "b (1).txt", "A.txt", "a (2).txt", "Ａé.TXT"]);
      const rowsOf = async (userId: string) =>
        (await filesOf(userId))
          .map((row) => ({ ...row, id: "", userId: "", blobId: "", sha1: "" }))
          .toSorted((a, b) => (a.name < b.name ? -1 : 1));
      expect(await rowsOf(many.userId)).toEqual(await rowsOf(single.userId));
      await expect(harness.catalog.transaction((tx) => insertFiles(tx, newId(), [], 5))).rejects.toMatchObject({
        code: "unauthorized",
      });
    });

    test("a link to a stored blob is the row that a transaction makes", async () => {
      const held = await holder();
      const id = newId();
      const name = "Ａé.TXT";
      const given = { id, userId: held.userId, name, sha1: held.file.sha1, now: 3 };
      const made = await linkStored(harness.catalog, held.blob, given);
      await linkFile(harness.catalog, { ...given, id: newId(), name: `${name}2`, size: 7 });
      expect(made?.blob).toEqual(held.blob);
      const [atOnce, inTransaction] = (await filesOf(held.userId)).slice(1);
      expect(atOnce).toMatchObject({ ...made?.file, liveName: name, blobId: held.blob.id });
      const own = { id: "", name: "", liveName: "", searchName: "" };
      expect({ ...atOnce, ...own }).toEqual({ ...inTransaction!, ...own });
      expect(`${atOnce?.searchName}2`).toBe(inTransaction!.searchName);
    });

    test("nothing is linked under a name that is taken, of a blob that is not stored, or for a user who is gone", async () => {
      const held = await holder();
      expect(await link(at(1), held, "a.txt")).toBeUndefined();
      const spooled = await holder("spooled");
      expect(await link(at(1), spooled)).toBeUndefined();
      expect(await link(at(1), { ...held, userId: newId() })).toBeUndefined();
      expect(await link(at(1), { ...held, blob: { ...held.blob, id: newId() } })).toBeUndefined();
      await db.update(blobs).set({ state: "purging", liveSha1: null }).where(eq(blobs.id, held.blob.id));
      expect(await link(at(1), held)).toBeUndefined();
      expect([...(await filesOf(held.userId)), ...(await filesOf(spooled.userId))]).toHaveLength(2);
    });

    test("until it is committed nobody else holds the blob or the user", async () => {
      const held = await holder();
      const holds: ((tx: Queries) => Promise<unknown>)[] = [
        (tx) => lockBlob(tx, held.blob.id),
        (tx) => lockUser(tx, held.userId),
      ];
      for (const hold of holds) {
        const linked = Promise.withResolvers<void>();
        const looked = Promise.withResolvers<void>();
        const linking = at(0).transaction(async (tx) => {
          expect(await link({ ...at(0), db: tx, sharesCommits: true }, held)).toBeDefined();
          linked.resolve();
          await looked.promise;
        });
        await linked.promise;
        const holding = at(1).transaction(hold);
        expect(await isDone(holding)).toBe(false);
        looked.resolve();
        await Promise.all([linking, holding]);
      }
    });

    test("a link waits for who holds the blob, and finds it as it was left", async () => {
      for (const isPurged of [true, false]) {
        const held = await holder();
        const locked = Promise.withResolvers<void>();
        const looked = Promise.withResolvers<void>();
        const purging = at(0).transaction(async (tx) => {
          await lockBlob(tx, held.blob.id);
          locked.resolve();
          await looked.promise;
          if (isPurged) await tx.delete(files).where(eq(files.id, held.file.id));
          expect(await purgeBlobUnlessNeeded(tx, held.blob.id)).toBe(isPurged);
        });
        await locked.promise;
        // The first of them go alone, the others together.
        const linking = Promise.all(times(10, () => link(at(1), held)));
        expect(await isDone(linking)).toBe(false);
        looked.resolve();
        await purging;
        const made = (await linking).filter((each) => each !== undefined);
        expect(made).toHaveLength(isPurged ? 0 : 10);
        expect(await filesOf(held.userId)).toHaveLength(isPurged ? 0 : 11);
      }
    });

    test("an upload waits for who deletes its user, and is not made then", async () => {
      const userId = await addUser(db);
      const [deleted, looked] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      const deleting = at(0).transaction(async (tx) => {
        await deleteUser(tx, userId, { at: 0, purgeAt: 1 });
        deleted.resolve();
        await looked.promise;
      });
      await deleted.promise;
      const openOne = () => insertUpload(at(1), { ...shape, id: newId(), userId }).catch((error: unknown) => error);
      const opening = Promise.all(times(10, openOne));
      expect(await isDone(opening)).toBe(false);
      looked.resolve();
      await deleting;
      expect((await opening).map((error) => isAppError(error, "unauthorized"))).toEqual(times(10, () => true));
      expect(await db.select().from(uploads).where(eq(uploads.userId, userId))).toEqual([]);
    });

    test("an upload is the same row with and without a look in its transaction", async () => {
      const userId = await addUser(db);
      const ids = [newId(), newId()];
      expect(await insertUpload(at(0), { ...shape, id: ids[0]!, userId })).toBeUndefined();
      expect(await insertUpload(at(0), { ...shape, id: ids[1]!, userId }, async () => {})).toBeUndefined();
      const [first, second] = await db.select().from(uploads).where(eq(uploads.userId, userId));
      expect({ ...first, id: ids[1] }).toEqual(second!);
      expect(first).toEqual(newUploadRow({ ...shape, id: ids[0]!, userId }));
    });

    test("rows of many who ask at once are as they would be alone, whoever among them is refused", async () => {
      const [one, two] = [await holder(), await holder()];
      const gone = newId();
      const wanted = [one.userId, two.userId, one.userId, gone, two.userId].flatMap((userId) => times(8, () => userId));
      const ids = wanted.map(() => newId());
      const open = (userId: string, i: number) =>
        insertUpload(at(0), { ...shape, id: ids[i]!, userId }).catch((error: unknown) => error);
      const opened = await Promise.all(wanted.map(open));
      expect(opened.map((each) => isAppError(each, "unauthorized"))).toEqual(wanted.map((userId) => userId === gone));
      const rows = await db.select().from(uploads).where(inArray(uploads.id, ids));
      expect(new Set(rows.map(({ id, userId }) => id + userId))).toEqual(
        new Set(wanted.flatMap((userId, i) => (userId === gone ? [] : [ids[i]! + userId]))),
      );
      const alone = { state: "open", error: null, fileId: null, leaseOwner: null, leaseUntil: 0, fence: 0, attempts: 0 };
      for (const row of rows) expect(row).toMatchObject({ ...shape, ...alone, updatedAt: 5 });

      const links = [one, two, { ...one, userId: gone }, one, two].flatMap((held) => times(8, () => held));
      const linked = await Promise.all(links.map((held, i) => link(at(0), held, i === 30 ? "a.txt" : `${i}`)));
      expect(linked.map((made) => made?.file.name)).toEqual(
        links.map((held, i) => (held.userId === gone || i === 30 ? undefined : `${i}`)),
      );
      for (const { userId, blob, file } of [one, two]) {
        const made = (await filesOf(userId)).filter(({ name }) => name !== "a.txt");
        expect(made).toHaveLength(userId === one.userId ? 15 : 16);
        for (const row of made) {
          expect(row).toMatchObject({ liveName: row.name, searchName: row.name, blobId: blob.id, sha1: file.sha1, size: 7 });
          expect(row).toMatchObject({ uploadedAt: 3, updatedAt: 3, deletedAt: null, purgeAt: null });
        }
      }
    });

    test("bytes that a living file needs are never purged, and nothing is left to a user who goes", async () => {
      for (let round = 0; round < 10; round++) {
        const held = await holder();
        const go = async (i: number) => {
          await Bun.sleep(i);
          for (const file of (await filesOf(held.userId)).filter(({ deletedAt }) => deletedAt === null))
            await deleteFile(at(i), held.userId, file.id, 0, 1);
          for (const due of await filesToPurge(at(i), 2, 100)) await purgeFile(at(i), due, 2);
        };
        const leave = async (tx: Queries) => await deleteUser(tx, held.userId, { at: 0, purgeAt: 1 });
        await Promise.all([
          ...times(12, (i) => link(at(i), held)),
          ...times(4, (i) => linkFile(at(i), { ...held.file, id: newId(), name: "b", now: 0 }).catch(goneOnly)),
          ...times(4, go),
          round % 2 === 0 && at(round).transaction(leave),
          ...times(4, (i) => link(at(i), held)),
        ]);
        const live = (await filesOf(held.userId)).filter(({ deletedAt }) => deletedAt === null);
        if (round % 2 === 0) expect(live).toEqual([]);
        const [blob] = await db.select().from(blobs).where(eq(blobs.id, held.blob.id));
        if (live.length > 0) expect(blob?.state).toBe("stored");
        await at(0).transaction(leave);
        await go(0);
        const left = await db.select().from(blobs).where(eq(blobs.id, held.blob.id));
        expect(left.filter(({ state }) => state !== "purging")).toEqual([]);
      }
    });

    test("of many links of one name at once each gets a name of its own", async () => {
      const held = await holder();
      const names = await Promise.all(
        times(30, async (i) => {
          const wanted = { id: newId(), userId: held.userId, name: "a.txt", sha1: held.file.sha1, size: 7, now: 0 };
          const made = (await linkStored(at(i), held.blob, wanted)) ?? (await linkFile(at(i), wanted));
          return made?.file.name;
        }),
      );
      expect(new Set(names)).toEqual(new Set(times(30, (i) => `a (${i + 1}).txt`)));
    });
  });
}

function goneOnly(error: unknown): void {
  if (!isAppError(error, "unauthorized")) throw error;
}
