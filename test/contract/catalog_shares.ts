import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import { eq } from "drizzle-orm";

import { deleteFile } from "#db/files.ts";
import type { Catalog } from "#db/mod.ts";
import { files, shareGrants, shares, viewBatches } from "#db/schema.ts";
import { countDownload, countIn, forgetGrants, isGranted } from "#db/share_downloads.ts";
import {
  deleteShare,
  insertShare,
  listedShares,
  listShares,
  listSharesWith,
  purgeShares,
  shareByCode,
  topShares,
} from "#db/shares.ts";
import { deleteUser, insertUser } from "#db/users.ts";
import { addViews, forgetViewBatches, listedViews } from "#db/views.ts";
import { newId } from "#lib/id/mod.ts";

import type { CatalogHarness } from "./catalog.ts";

setDefaultTimeout(300_000);

type NewShare = Parameters<typeof insertShare>[1];

/** What every engine of the catalog must do with shares. */
export function catalogShares(name: string, open: () => Promise<CatalogHarness>): void {
  describe(`shares in the catalog: ${name}`, () => {
    let harness: CatalogHarness;
    let catalog: Catalog;
    /** The same rows, as another gateway has them. */
    let other: Catalog;
    beforeAll(async () => {
      harness = await open();
      ({ catalog, other } = harness);
    });
    afterAll(async () => harness.close());

    const addUser = async () => {
      const user = { id: newId(), username: newId().toLowerCase(), passwordHash: "", email: null, createdAt: 0, lastActiveAt: 0 };
      await insertUser(catalog.db, user);
      return user;
    };
    const addFile = async (userId: string, fileName = newId()) => {
      const id = newId();
      const rest = { blobId: newId(), sha1: "", size: 2 ** 40, uploadedAt: 0, updatedAt: 0 };
      await catalog.db.insert(files).values({ id, userId, name: fileName, liveName: fileName, searchName: fileName, ...rest });
      return id;
    };
    const addShare = async (more: Partial<NewShare> = {}) => {
      const userId = more.userId ?? (await addUser()).id;
      const share = {
        id: newId(),
        code: newId().toLowerCase(),
        userId,
        fileId: more.fileId ?? (await addFile(userId)),
        withId: null,
        passwordHash: null,
        expiresAt: null,
        maxDownloads: null,
        listed: 0,
        createdAt: 0,
        purgeAt: null,
        ...more,
      };
      await catalog.transaction((tx) => insertShare(tx, share));
      return share;
    };
    const live = async (code: string) => await shareByCode(catalog, code);
    const rowOf = async (id: string) => (await catalog.db.select().from(shares).where(eq(shares.id, id)))[0];

    test("are read with the names that they are shown by", async () => {
      const [owner, friend] = [await addUser(), await addUser()];
      const fileId = await addFile(owner.id, "😀.bin");
      const share = await addShare({ userId: owner.id, fileId, withId: friend.id, maxDownloads: 3, expiresAt: 10 });
      expect(await live(share.code)).toEqual({
        id: share.id,
        code: share.code,
        userId: owner.id,
        fileId,
        withId: friend.id,
        passwordHash: null,
        expiresAt: 10,
        maxDownloads: 3,
        downloads: 0,
        views: 0,
        listed: 0,
        createdAt: 0,
        owner: owner.username,
        withName: friend.username,
        fileName: "😀.bin",
        fileSize: 2 ** 40,
      });
      expect(await live(share.code.toUpperCase())).toBeNull();
    });

    test("count downloads up to their most, of any number of gateways at once", async () => {
      const { id, code } = await addShare({ maxDownloads: 7 });
      const grant = (i: number) => ({ keys: [`${id} address-${i % 3}`, `${id} #${i}`], until: 100 });
      const counted = await Promise.all(
        Array.from({ length: 30 }, (_, i) => countDownload(i % 2 === 0 ? catalog : other, id, 5, grant(i))),
      );
      expect(counted.filter(Boolean)).toHaveLength(7);
      expect(await live(code)).toMatchObject({ downloads: 7 });
      const granted = await Promise.all(counted.map((_, i) => isGranted(other.db, [`${id} #${i}`], 5)));
      expect(granted).toEqual(counted);
      expect(await isGranted(catalog.db, [`${id} #x`, `${id} address-0`], 99)).toBe(true);
      expect(await isGranted(catalog.db, [`${id} address-0`], 100)).toBe(false);
      expect(await isGranted(catalog.db, [], 5)).toBe(false);
      await forgetGrants(catalog.db, 100);
      expect(
        await catalog.db
          .select()
          .from(shareGrants)
          .where(eq(shareGrants.key, `${id} address-0`)),
      ).toEqual([]);
    });

    test("count no download that fails with its transaction, none of what has ended, and any number where there is no most", async () => {
      const [over, gone, free] = [await addShare({ expiresAt: 5 }), await addShare(), await addShare()];
      await deleteShare(catalog.db, gone.userId, gone.code, 1);
      const grant = { keys: [`${over.id} a`], until: 100 };
      expect([await countDownload(catalog, over.id, 5, grant), await countDownload(catalog, gone.id, 5)]).toEqual([false, false]);
      expect(await isGranted(catalog.db, grant.keys, 5)).toBe(false);
      expect(await countDownload(catalog, over.id, 4)).toBe(true);
      const failed = catalog.transaction(async (tx) => {
        expect(await countIn(tx, free.id, 5)).toBe(true);
        throw new Error("undone");
      });
      expect(await failed.catch((error: Error) => error.message)).toBe("undone");
      await Promise.all(Array.from({ length: 10 }, () => countDownload(catalog, free.id, 5)));
      expect(await live(free.code)).toMatchObject({ downloads: 10 });
    });

    test("take in a batch of views once, however often and by whomever it is brought", async () => {
      const some: string[] = [];
      for (let i = 0; i < 450; i++) some.push((await addShare({ userId: "u", fileId: "f", listed: i % 2 })).id);
      const counts = new Map(some.map((id, i) => [id, i + 1]));
      counts.set(newId(), 5);
      const batch = { id: newId(), counts };
      const brought = await Promise.all(Array.from({ length: 6 }, (_, i) => addViews(i % 2 === 0 ? catalog : other, batch, 50)));
      expect(brought.filter(Boolean)).toHaveLength(1);
      const views = async (i: number) => (await rowOf(some[i] ?? ""))?.views;
      expect([await views(0), await views(199), await views(200), await views(449)]).toEqual([1, 200, 201, 450]);
      expect(await addViews(other, { id: newId(), counts: new Map([[some[0] ?? "", 2 ** 40]]) }, 60)).toBe(true);
      expect(await views(0)).toBe(2 ** 40 + 1);
      const listed = await listedViews(catalog.db, some.slice(0, 4));
      expect(listed.toSorted((a, b) => a.views - b.views)).toEqual([
        { id: some[1] ?? "", views: 2 },
        { id: some[3] ?? "", views: 4 },
      ]);
      await forgetViewBatches(catalog.db, 50);
      expect(await catalog.db.select().from(viewBatches).where(eq(viewBatches.id, batch.id))).toEqual([]);
      await catalog.db.delete(shares).where(eq(shares.userId, "u"));
    });

    test("are listed: one's own, those with one, and the most viewed", async () => {
      const [owner, friend] = [await addUser(), await addUser()];
      const make = (more: Partial<NewShare>) => addShare({ userId: owner.id, ...more });
      const [a, b] = [await make({ listed: 1 }), await make({ listed: 1 })];
      const [over, withFriend] = [await make({ listed: 1, expiresAt: 5 }), await make({ withId: friend.id, expiresAt: 50 })];
      const own = await listShares(catalog.db, owner.id, { limit: 9 });
      expect(own.map(({ id }) => id)).toEqual([withFriend.id, over.id, b.id, a.id]);
      expect((await listShares(catalog.db, owner.id, { limit: 1, before: over.id })).map(({ id }) => id)).toEqual([b.id]);
      expect((await listSharesWith(catalog.db, friend.id, 49, { limit: 9 })).map(({ id }) => id)).toEqual([withFriend.id]);
      expect(await listSharesWith(catalog.db, friend.id, 50, { limit: 9 })).toEqual([]);
      const counts = new Map([
        [a.id, 2 ** 41],
        [b.id, 2 ** 42],
        [over.id, 2 ** 43],
      ]);
      await addViews(catalog, { id: newId(), counts }, 0);
      expect((await topShares(catalog.db, 5, 2)).map(({ id }) => id)).toEqual([b.id, a.id]);
      expect((await topShares(catalog.db, 4, 1)).map(({ id }) => id)).toEqual([over.id]);
      const asked = [withFriend.id, a.id, over.id, b.id, newId()];
      expect((await listedShares(catalog.db, 5, asked)).map(({ id }) => id)).toEqual([b.id, a.id]);
      expect(await listedShares(catalog.db, 5, [])).toEqual([]);
    });

    test("end with their file, their owner, and whom they are for", async () => {
      const [owner, friend] = [await addUser(), await addUser()];
      const fileId = await addFile(owner.id);
      const ofFile = await addShare({ userId: owner.id, fileId, listed: 1 });
      const ofOwner = await addShare({ userId: owner.id, listed: 1 });
      const forFriend = await addShare({ withId: friend.id });
      const kept = await addShare();
      expect(await deleteFile(catalog, owner.id, fileId, 10, 20)).toBe(true);
      expect([await live(ofFile.code), (await live(ofOwner.code))?.id]).toEqual([null, ofOwner.id]);
      expect(await rowOf(ofFile.id)).toMatchObject({ deletedAt: 10, purgeAt: 20, listed: 0 });
      for (const { id } of [owner, friend]) await catalog.transaction((tx) => deleteUser(tx, id, { at: 11, purgeAt: 21 }));
      expect([await live(ofOwner.code), await live(forFriend.code)]).toEqual([null, null]);
      expect(await rowOf(ofOwner.id)).toMatchObject({ deletedAt: 11, purgeAt: 21, listed: 0 });
      expect((await live(kept.code))?.id).toBe(kept.id);
    });

    test("are ended by their owner alone, once, and go by the batch when they are due", async () => {
      // What other tests left goes first.
      while ((await purgeShares(catalog, 1e15, 1000)) > 0);
      const some = [];
      for (let i = 0; i < 5; i++) some.push(await addShare({ purgeAt: 1000 }));
      const [first, second] = some;
      if (!first || !second) throw new Error("five shares");
      expect(await deleteShare(catalog.db, second.userId, first.code, 30)).toBe(false);
      const ends = await Promise.all([1, 2, 3].map(() => deleteShare(other.db, first.userId, first.code, 30)));
      expect(ends.filter(Boolean)).toHaveLength(1);
      expect([await purgeShares(catalog, 29, 9), await purgeShares(catalog, 30, 9)]).toEqual([0, 1]);
      expect(await live(second.code)).toMatchObject({ id: second.id });
      expect([
        await purgeShares(catalog, 1000, 3),
        await purgeShares(other, 1000, 3),
        await purgeShares(catalog, 1000, 3),
      ]).toEqual([3, 1, 0]);
      expect(await live(second.code)).toBeNull();
    });
  });
}
