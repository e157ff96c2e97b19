import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import { and, asc, eq, inArray, isNull, lt, sql, sum } from "drizzle-orm";

import { insertChallenge, takeChallenge } from "#db/challenges.ts";
import { insertComment, listComments, purgeComments } from "#db/comments.ts";
import { deleteFile } from "#db/files.ts";
import { claimLease, releaseLease, renewLease } from "#db/leases.ts";
import { affectedRows, type Catalog, isDuplicate } from "#db/mod.ts";
import { escapeLike, freeName } from "#db/names.ts";
import { blobs, type BlobState, challenges, fetches, files, uploads, users } from "#db/schema.ts";
import { forgetUploads } from "#db/uploads.ts";
import { deleteUser, insertUser, lockUser } from "#db/users.ts";
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
import { newId } from "#lib/id/mod.ts";

setDefaultTimeout(300_000);

/** An opened engine, and what removes it again. */
export interface CatalogHarness {
  catalog: Catalog;
  /** The same rows, as another process sees them; of SQLite, the catalog itself: two writers of one process would wait for ever. */
  other: Catalog;
  close(): Promise<void>;
}

type NewFile = typeof files.$inferInsert;

/** What every engine of the catalog must do alike, whatever its SQL makes of case, NULL and transactions. */
export function catalogContract(name: string, open: () => Promise<CatalogHarness>): void {
  describe(`catalog: ${name}`, () => {
    let harness: CatalogHarness;
    let catalog: Catalog;
    beforeAll(async () => {
      harness = await open();
      catalog = harness.catalog;
    });
    afterAll(async () => harness.close());

    const addUser = async (username: string = newId().toLowerCase()) => {
      const user = { id: newId(), username, passwordHash: "", email: null, createdAt: 0, lastActiveAt: 0 };
      await insertUser(catalog.db, user);
      return user;
    };
    const fileOf = (userId: string, name: string | null, more: Partial<NewFile> = {}): NewFile => ({
      id: newId(),
      userId,
      name: name ?? "deleted",
      liveName: name,
      searchName: name ?? "deleted",
      blobId: newId(),
      sha1: "0".repeat(40),
      size: 1,
      uploadedAt: 0,
      updatedAt: 0,
      ...more,
    });
    const addFile = async (userId: string, name: string | null, more: Partial<NewFile> = {}) => {
      const file = fileOf(userId, name, more);
      await catalog.db.insert(files).values(file);
      return file.id;
    };
    const namesOf = async (userId: string) => {
      const rows = await catalog.db
        .select({ name: files.name })
        .from(files)
        .where(eq(files.userId, userId))
        .orderBy(asc(files.id));
      return rows.map((row) => row.name);
    };
    const uploadOf = (userId: string) => {
      const times = { createdAt: 0, updatedAt: 0, expiresAt: 0 };
      return { id: newId(), userId, name: "a", size: 1, chunkSize: 1, chunkCount: 1, node: "n", ...times };
    };
    const failure = async (work: Promise<unknown>): Promise<unknown> =>
      work.then(
        () => undefined,
        (error: unknown) => error,
      );

    test("names its engine and can be reached", async () => {
      expect(catalog.engine).toMatch(/^[a-z0-9]+$/);
      await catalog.check(AbortSignal.timeout(5000));
    });

    test("a unique index takes any number of NULLs, and each value once", async () => {
      const { id } = await addUser();
      for (let i = 0; i < 3; i++) await addFile(id, null);
      await addFile(id, "a.txt");
      expect(isDuplicate(await failure(addFile(id, "a.txt")))).toBe(true);
      expect(isDuplicate(await failure(catalog.db.update(files).set({ liveName: "a.txt" }).where(isNull(files.liveName))))).toBe(
        true,
      );
      expect(await namesOf(id)).toEqual(["deleted", "deleted", "deleted", "a.txt"]);
    });

    test("says of a primary key, too, that it is a duplicate, and of nothing else", async () => {
      const { id } = await addUser();
      const file = await addFile(id, "a");
      expect(isDuplicate(await failure(addFile(id, "b", { id: file })))).toBe(true);
      const broken = await failure(catalog.db.insert(files).values(fileOf(id, "c", { name: sql`null` as unknown as string })));
      expect(broken).toBeInstanceOf(Error);
      expect(isDuplicate(broken)).toBe(false);
    });

    test("tells names apart to the letter", async () => {
      const { id } = await addUser();
      const names = [
        "a",
        "A",
        "á",
        "a\u0301",
        "à",
        "ａ",
        "a ",
        " a",
        "ß",
        "ss",
        "ﬁ",
        "fi",
        "İ",
        "i",
        "😀",
        "😁",
        "日",
        "曰",
        "%",
        "_",
        "\\",
        "'",
      ];
      for (const name of names) await addFile(id, name);
      expect(await namesOf(id)).toEqual(names);
      for (const name of names) {
        const found = await catalog.db
          .select()
          .from(files)
          .where(and(eq(files.userId, id), eq(files.liveName, name)));
        expect(found.map((row) => row.name)).toEqual([name]);
      }
    });

    test("keeps texts as they are, to their full length", async () => {
      const { id } = await addUser();
      const names = ["😀".repeat(255), "é".repeat(255), "👩‍👩‍👧", "\u200Fשלום", "a\\'\"`;--", "\u{10FFFF}"];
      for (const name of names) await addFile(id, name);
      expect(await namesOf(id)).toEqual(names);
    });

    test("keeps whole numbers up to 2^53 - 1, and adds them up", async () => {
      const { id } = await addUser();
      const sizes = [0, 1, 2 ** 31, 2 ** 32 + 1, 2 ** 50, Number.MAX_SAFE_INTEGER];
      for (const [i, size] of sizes.entries()) await addFile(id, `${i}`, { size, updatedAt: size });
      const rows = await catalog.db.select().from(files).where(eq(files.userId, id)).orderBy(asc(files.id));
      expect(rows.map(({ size, updatedAt }) => [size, updatedAt])).toEqual(sizes.map((size) => [size, size]));
      const [small] = await catalog.db
        .select({ total: sum(files.size) })
        .from(files)
        .where(and(eq(files.userId, id), lt(files.size, 2 ** 51)));
      expect(Number(small?.total)).toBe(2 ** 50 + 2 ** 32 + 1 + 2 ** 31 + 1);
      const [none] = await catalog.db
        .select({ total: sum(files.size) })
        .from(files)
        .where(eq(files.userId, "nobody"));
      expect(none?.total ?? null).toBeNull();
    });

    test("a NULL is not an empty text", async () => {
      const { id } = await addUser();
      await addFile(id, "");
      await addFile(id, null);
      expect(
        await catalog.db
          .select()
          .from(files)
          .where(and(eq(files.userId, id), eq(files.liveName, ""))),
      ).toHaveLength(1);
      expect(
        await catalog.db
          .select()
          .from(files)
          .where(and(eq(files.userId, id), isNull(files.liveName))),
      ).toHaveLength(1);
    });

    test("an update says how many rows it matched, also those that it left as they were", async () => {
      const { id } = await addUser();
      for (const name of ["a", "b", "c"]) await addFile(id, name);
      const mine = eq(files.userId, id);
      const set = async (size: number) => affectedRows(await catalog.db.update(files).set({ size }).where(mine));
      expect([await set(7), await set(7), await set(8)]).toEqual([3, 3, 3]);
      const guarded = catalog.db
        .update(files)
        .set({ size: 9 })
        .where(and(mine, eq(files.size, 7)));
      expect(affectedRows(await guarded)).toBe(0);
      expect(affectedRows(await catalog.db.delete(files).where(and(mine, eq(files.liveName, "a"))))).toBe(1);
      expect(affectedRows(await catalog.db.delete(files).where(and(mine, eq(files.liveName, "a"))))).toBe(0);
      const inside = await catalog.transaction(async (tx) => affectedRows(await tx.update(files).set({ size: 8 }).where(mine)));
      expect(inside).toBe(2);
    });

    test("LIKE with an escape takes wildcards to the letter", async () => {
      const { id } = await addUser();
      for (const name of ["100%", "100x", "a_b", "axb", "wow!", "back\\slash", "qu'ote"]) await addFile(id, name);
      const find = async (text: string) => {
        const like = sql`${files.searchName} like ${`%${escapeLike(text)}%`} escape '!'`;
        const rows = await catalog.db
          .select()
          .from(files)
          .where(and(eq(files.userId, id), like))
          .orderBy(asc(files.id));
        return rows.map((row) => row.name);
      };
      expect(await find("%")).toEqual(["100%"]);
      expect(await find("_")).toEqual(["a_b"]);
      expect(await find("!")).toEqual(["wow!"]);
      expect(await find("\\")).toEqual(["back\\slash"]);
      expect(await find("'")).toEqual(["qu'ote"]);
      expect(await find("100")).toEqual(["100%", "100x"]);
    });

    test("ids sort as they were made", async () => {
      const { id } = await addUser();
      const ids: string[] = [];
      for (let i = 0; i < 50; i++) ids.push(await addFile(id, `${i}`));
      const rows = await catalog.db.select({ id: files.id }).from(files).where(eq(files.userId, id)).orderBy(asc(files.id));
      expect(rows.map((row) => row.id)).toEqual(ids);
      const before = await catalog.db
        .select()
        .from(files)
        .where(and(eq(files.userId, id), lt(files.id, ids[20] ?? "")));
      expect(before).toHaveLength(20);
    });

    test("many values of one list are looked for at once", async () => {
      const { id } = await addUser();
      const ids = await Promise.all(Array.from({ length: 20 }, (_, i) => addFile(id, `${i}`)));
      const many = [...ids, ...Array.from({ length: 480 }, () => newId())];
      expect(await catalog.db.select().from(files).where(inArray(files.id, many))).toHaveLength(20);
    });

    test("a transaction is kept as a whole, or nothing of it is", async () => {
      const { id } = await addUser();
      const reason = new Error("of the test");
      const work = catalog.transaction(async (tx) => {
        await tx.insert(files).values(fileOf(id, "a"));
        await tx.update(users).set({ lastActiveAt: 99 }).where(eq(users.id, id));
        throw reason;
      });
      expect(await failure(work)).toBe(reason);
      expect(await namesOf(id)).toEqual([]);
      const kept = await catalog.transaction(async (tx) => {
        await tx.insert(files).values(fileOf(id, "a"));
        await tx.insert(files).values(fileOf(id, "b"));
        return "kept";
      });
      expect(kept).toBe("kept");
      expect(await namesOf(id)).toEqual(["a", "b"]);
    });

    test("a duplicate in a transaction ends it, and what it did before is gone", async () => {
      const { id } = await addUser();
      await addFile(id, "taken");
      const work = catalog.transaction(async (tx) => {
        await tx.insert(files).values(fileOf(id, "before"));
        await tx.insert(files).values(fileOf(id, "taken"));
      });
      expect(isDuplicate(await failure(work))).toBe(true);
      expect(await namesOf(id)).toEqual(["taken"]);
      await addFile(id, "before");
    });

    test("nobody sees into a transaction, but it sees itself", async () => {
      const { id } = await addUser();
      const written = Promise.withResolvers<void>();
      const looked = Promise.withResolvers<void>();
      const work = catalog.transaction(async (tx) => {
        await tx.insert(files).values(fileOf(id, "a"));
        expect(await tx.select().from(files).where(eq(files.userId, id))).toHaveLength(1);
        written.resolve();
        await looked.promise;
      });
      await written.promise;
      expect(await namesOf(id)).toEqual([]);
      looked.resolve();
      await work;
      expect(await namesOf(id)).toEqual(["a"]);
    });

    test("who holds a row's lock in a transaction is alone with it", async () => {
      const { id } = await addUser();
      await Promise.all(
        Array.from({ length: 20 }, () =>
          catalog.transaction(async (tx) => {
            expect(await lockUser(tx, id)).toBe(true);
            const [row] = await tx.select().from(users).where(eq(users.id, id));
            await Bun.sleep(1);
            await tx
              .update(users)
              .set({ lastActiveAt: (row?.lastActiveAt ?? 0) + 1 })
              .where(eq(users.id, id));
          }),
        ),
      );
      const [row] = await catalog.db.select().from(users).where(eq(users.id, id));
      expect(row?.lastActiveAt).toBe(20);
    });

    test("files that are named at the same time get names of their own", async () => {
      const { id } = await addUser();
      await Promise.all(
        Array.from({ length: 10 }, () =>
          catalog.transaction(async (tx) => {
            await lockUser(tx, id);
            await tx.insert(files).values(fileOf(id, await freeName(tx, id, "a.txt")));
          }),
        ),
      );
      const names = new Set(await namesOf(id));
      expect(names.size).toBe(10);
      expect(names).toContain("a (9).txt");
    });

    test("of many who take a challenge, or register a name, one gets it", async () => {
      const { id: userId } = await addUser();
      const challenge = { id: newId(), userId, sha1: "0".repeat(40), size: 0, nonce: "0".repeat(64), ranges: "", expiresAt: 1 };
      await insertChallenge(catalog, challenge);
      expect(await takeChallenge(catalog, newId(), challenge.id)).toBeUndefined();
      const taken = await Promise.all(Array.from({ length: 10 }, () => takeChallenge(catalog, userId, challenge.id)));
      expect(taken.filter((each) => each !== undefined)).toEqual([challenge]);
      expect(await catalog.db.select().from(challenges).where(eq(challenges.id, challenge.id))).toEqual([]);
      const registered = await Promise.all(
        Array.from({ length: 10 }, () => failure(addUser(`name-${challenge.id.toLowerCase()}`))),
      );
      expect(registered.filter((error) => error === undefined)).toHaveLength(1);
      expect(registered.filter((error) => error !== undefined && !isDuplicate(error))).toEqual([]);
    });

    test("of many who claim a row, one gets it, and its fence keeps the one before out", async () => {
      const { id: userId } = await addUser();
      const { id, ...row } = uploadOf(userId);
      await catalog.db.insert(uploads).values({ ...row, id, state: "verifying" });
      const claim = (owner: string, now: number) =>
        claimLease(catalog, { table: "uploads", id, state: "verifying", owner, now, leaseMs: 100 });
      const claims = await Promise.all(Array.from({ length: 10 }, (_, i) => claim(`${i}`, 1000)));
      const [first, ...others] = claims.filter((lease) => lease !== null);
      expect(others).toEqual([]);
      expect(await claim("late", 1099)).toBeNull();
      const second = await claim("second", 1100);
      expect(second?.fence).toBe((first?.fence ?? 0) + 1);
      expect(first && (await renewLease(catalog, first, 5000))).toBe(false);
      if (first) await releaseLease(catalog, first, 0, 0);
      expect(second && (await renewLease(catalog, second, 5000))).toBe(true);
      expect(await claim("third", 4999)).toBeNull();
    });

    test("ended uploads go when they are due, some at a time, and with each what it was fetched from", async () => {
      const { id: userId } = await addUser();
      const ended = ["done", "failed", "cancelled"] as const;
      const due = ended.map((state) => ({ ...uploadOf(userId), state }));
      const kept = [
        { ...uploadOf(userId), state: "fetching" as const },
        { ...uploadOf(userId), state: "done" as const, expiresAt: 1 },
      ];
      for (const upload of [...due, ...kept]) {
        await catalog.db.insert(uploads).values(upload);
        await catalog.db.insert(fetches).values({ id: upload.id, url: "https://example.com/a", isNamed: 0 });
      }
      expect(await forgetUploads(catalog, 0, 2)).toBe(2);
      expect(await forgetUploads(catalog, 0, 2)).toBe(1);
      expect(await forgetUploads(catalog, 0, 2)).toBe(0);
      const ids = [...due, ...kept].map(({ id }) => id);
      for (const table of [uploads, fetches]) {
        const left = await catalog.db.select({ id: table.id }).from(table).where(inArray(table.id, ids)).orderBy(asc(table.id));
        expect(left.map(({ id }) => id)).toEqual(kept.map(({ id }) => id).toSorted());
      }
    });

    describe("videos", () => {
      const addVideo = async (userId: string, fileId: string | null, createdAt = 0) => {
        const video = { id: newId(), userId, title: "😀".repeat(200), fileId, mime: null, createdAt };
        await catalog.transaction((tx) => insertVideo(tx, video));
        return video.id;
      };
      const livingFile = async (id: string) =>
        (
          await catalog.db
            .select()
            .from(files)
            .where(and(eq(files.id, id), isNull(files.deletedAt)))
        ).length === 1;
      const isLive = async (id: string) => (await videoById(catalog.db, id)) !== undefined;
      const deletion = (id: string, userId: string) => ({ id, userId, now: 10, purgeAt: 20 });

      test("are listed newest first, a page at a time, without those that are deleted", async () => {
        const { id: userId } = await addUser();
        const ids = [];
        for (let i = 0; i < 5; i++) ids.push(await addVideo(userId, null));
        expect(await deleteVideo(catalog, deletion(ids[2] ?? "", userId))).toBe(true);
        const first = await listVideos(catalog.db, { userId, limit: 2 });
        const second = await listVideos(catalog.db, { userId, limit: 9, before: first.at(-1)?.id });
        expect([...first, ...second].map(({ id }) => id)).toEqual([ids[4], ids[3], ids[1], ids[0]].map((id) => id ?? ""));
      });

      test("take a file once, and only while they wait", async () => {
        const { id: userId } = await addUser();
        const id = await addVideo(userId, null);
        const fill = (fileId: string) => catalog.transaction((tx) => fillVideo(tx, { id, userId, fileId, mime: "video/mp4" }));
        const filled = await Promise.all(["a", "b", "c"].map((name) => fill(name)));
        expect(filled.filter(Boolean)).toHaveLength(1);
        expect(await videoById(catalog.db, id)).toMatchObject({ state: "unprobed", fileId: "abc"[filled.indexOf(true)] ?? "" });
      });

      test("take the file along that was sent for them, and no other", async () => {
        const { id: userId } = await addUser();
        const [shown, sent, shared] = [await addFile(userId, "1"), await addFile(userId, "2"), await addFile(userId, "3")];
        const showing = await addVideo(userId, shown);
        const fill = async (fileId: string) => {
          const id = await addVideo(userId, null);
          await catalog.transaction((tx) => fillVideo(tx, { id, userId, fileId, mime: "video/mp4" }));
          return id;
        };
        const [own, first] = [await fill(sent), await fill(shared)];
        const second = await addVideo(userId, shared);
        for (const id of [showing, own, first]) expect(await deleteVideo(catalog, deletion(id, userId))).toBe(true);
        expect([await livingFile(shown), await livingFile(sent), await livingFile(shared)]).toEqual([true, false, true]);
        expect(await isLive(second)).toBe(true);
        expect(await deleteVideo(catalog, deletion(second, newId()))).toBe(false);
        expect(await deleteVideo(catalog, deletion(own, userId))).toBe(false);
      });

      test("end with their file and with their owner", async () => {
        const { id: userId } = await addUser();
        const fileId = await addFile(userId, "a");
        const [one, other] = [await addVideo(userId, fileId), await addVideo(userId, null)];
        const { id: guest } = await addUser();
        const guests = await addVideo(guest, null);
        const comment = { id: newId(), videoId: guests, userId, author: "a", content: "😀".repeat(2000), createdAt: 0 };
        await catalog.transaction((tx) => insertComment(tx, comment));
        expect(await deleteFile(catalog, userId, fileId, 10, 20)).toBe(true);
        expect([await isLive(one), await isLive(other)]).toEqual([false, true]);
        await catalog.transaction((tx) => deleteUser(tx, userId, { at: 10, purgeAt: 20 }));
        expect([await isLive(other), await isLive(guests)]).toEqual([false, true]);
        expect(await listComments(catalog.db, { videoId: guests, limit: 9 })).toEqual([]);
      });

      test("wait for a probe where their bytes can be read, and are probed by the holder of the lease", async () => {
        const { id: userId } = await addUser();
        const add = async (state: BlobState, node: string | null) => {
          const blob = { id: newId(), sha1: newId(), liveSha1: newId(), sha256: "", size: 1, state, node, createdAt: 0 };
          await catalog.db.insert(blobs).values(blob);
          return await addVideo(userId, await addFile(userId, blob.id, { blobId: blob.id }));
        };
        const [here, there, stored] = [await add("spooled", "here"), await add("spooled", "there"), await add("stored", null)];
        const due = await videosToProbe(catalog, "here", 5, 1000);
        expect([here, there, stored].map((id) => due.includes(id))).toEqual([true, false, true]);
        const claim = { table: "videos", state: "unprobed", now: 5, leaseMs: 10 } as const;
        const lease = await claimLease(catalog, { ...claim, id: here, owner: "one" });
        expect(await claimLease(catalog, { ...claim, id: here, owner: "two" })).toBeNull();
        const found = { durationMs: 3000, width: 2, height: 1, posterKey: "k" };
        if (!lease) throw new Error("not claimed");
        expect(await finishProbe(catalog, { ...lease, fence: lease.fence + 1 }, found)).toBe(false);
        expect(await finishProbe(catalog, lease, found)).toBe(true);
        expect(await videoById(catalog.db, here)).toMatchObject({ state: "ready", ...found });
      });

      test("go when they are due, and their comments by the batch", async () => {
        const { id: userId } = await addUser();
        const id = await addVideo(userId, null);
        for (let i = 0; i < 5; i++) {
          const comment = { id: newId(), videoId: id, userId, author: "a", content: "x", createdAt: 0 };
          await catalog.transaction((tx) => insertComment(tx, comment));
        }
        await forgetVideo(catalog, id, 1000);
        expect(await isLive(id)).toBe(true);
        await deleteVideo(catalog, deletion(id, userId));
        const isDue = async (now: number) => (await videosToPurge(catalog, now, 1000)).some((video) => video.id === id);
        expect([await isDue(19), await isDue(20)]).toEqual([false, true]);
        expect(await catalog.transaction((tx) => holdVideo(tx, id))).toBe(false);
        expect([await purgeComments(catalog, id, 3), await purgeComments(catalog, id, 3)]).toEqual([3, 2]);
        await postponePurge(catalog, id, 30);
        await forgetVideo(catalog, id, 20);
        expect([await isDue(29), await isDue(30)]).toEqual([false, true]);
        await forgetVideo(catalog, id, 30);
        expect(await isDue(1000)).toBe(false);
      });
    });
  });
}
