import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { randomBytes } from "node:crypto";

import { type Blob, blobById, holdOrMakeBlob, purgeBlobUnlessNeeded } from "#db/blobs.ts";
import {
  copiesOf,
  copiesToDrop,
  type Copy,
  copyById,
  countCopies,
  dueCopies,
  endCopiesOf,
  finishCopy,
  forgetCopy,
  giveUpCopy,
  isNeeded,
  placesOf,
  postponeDrops,
  wantCopies,
} from "#db/copies.ts";
import { advanceCursor, readCursor } from "#db/cursors.ts";
import { insertFile } from "#db/files.ts";
import { replaceCopy } from "#db/inspection.ts";
import { claimLease, parkedUntil, releaseLease } from "#db/leases.ts";
import { findLostBlob } from "#db/lost_blob.ts";
import type { Catalog } from "#db/mod.ts";
import { backlogOf, blobsIn, cancelMoves, nameOf, queueMoves } from "#db/moves.ts";
import { objectKey } from "#db/object_key.ts";
import { blobs } from "#db/schema.ts";
import { insertUser } from "#db/users.ts";
import { newId } from "#lib/id/mod.ts";

import type { CatalogHarness } from "./catalog.ts";

setDefaultTimeout(300_000);

/** What every engine of the catalog must do with the rows of copies: each change only where nobody else came first. */
export function catalogCopies(name: string, open: () => Promise<CatalogHarness>): void {
  describe(`copies: ${name}`, () => {
    let harness: CatalogHarness;
    let catalog: Catalog;
    beforeAll(async () => {
      harness = await open();
      catalog = harness.catalog;
    });
    afterAll(async () => harness.close());

    /** A stored blob in a store of its own name, so that tests do not meet. */
    const stored = async (store: string = newId().toLowerCase()) => {
      const sha1 = randomBytes(20).toString("hex");
      const id = newId();
      const row = { id, sha1, liveSha1: sha1, sha256: "0".repeat(64), size: 7, state: "stored" as const, store };
      await catalog.db.insert(blobs).values({ ...row, key: objectKey({ id, sha1 }), createdAt: 0 });
      return { ...row, key: objectKey({ id, sha1 }) };
    };
    const want = async (blob: Pick<Blob, "id" | "sha1" | "size">, store: string, replaces?: string) => {
      const id = newId();
      await catalog.transaction((tx) => wantCopies(tx, blob, [{ id, store, ...(replaces && { replaces }) }], 0));
      return (await copyById(catalog.db, id))!;
    };
    const claim = async (id: string, now = 10) => {
      const lease = await claimLease(catalog, { table: "copies", id, state: "wanted", owner: newId(), now, leaseMs: 1000 });
      if (lease === null) throw new Error("nothing to claim");
      return lease;
    };
    const hold = async (copy: Copy) => await finishCopy(catalog, await claim(copy.id), copy, 500);
    const rowsOf = async (blobId: string) => await copiesOf(catalog.db, [blobId]);

    test("a copy that is held changes nothing else; one that moves the home changes places with it", async () => {
      const blob = await stored();
      const second = await want(blob, "b");
      expect(await hold(second)).toBe(true);
      expect(await blobById(catalog.db, blob.id)).toMatchObject({ store: blob.store, key: blob.key });
      const moved = await want(blob, "c", blob.store);
      expect(await hold(moved)).toBe(true);
      expect(await blobById(catalog.db, blob.id)).toMatchObject({ store: "c", key: moved.key, state: "stored" });
      expect(await copyById(catalog.db, moved.id)).toMatchObject({
        store: blob.store,
        liveStore: null,
        key: blob.key,
        state: "leaving",
        leaseUntil: 500,
        leaseOwner: null,
      });
      expect(await placesOf(catalog.db, blob.id)).toEqual([
        { store: "c", key: moved.key },
        { store: "b", key: second.key },
        { store: blob.store, key: blob.key },
      ]);
    });

    test("a copy that replaces another copy lets that one leave", async () => {
      const blob = await stored();
      const second = await want(blob, "b");
      await hold(second);
      await hold(await want(blob, "c", "b"));
      expect(await copyById(catalog.db, second.id)).toMatchObject({ state: "leaving", liveStore: null, leaseUntil: 500 });
      expect(await blobById(catalog.db, blob.id)).toMatchObject({ store: blob.store });
    });

    test("whoever has lost the lease, or whose blob is purged, finishes nothing", async () => {
      const blob = await stored();
      const copy = await want(blob, "b", blob.store);
      const late = await claim(copy.id);
      const next = await claim(copy.id, 5000);
      expect(await finishCopy(catalog, late, copy, 500)).toBe(false);
      expect(await giveUpCopy(catalog, late)).toBe(false);
      await catalog.transaction((tx) => purgeBlobUnlessNeeded(tx, blob.id));
      expect(await finishCopy(catalog, next, copy, 500)).toBe(false);
      expect(await isNeeded(catalog.db, copy, blob.id)).toBe(true);
      expect(await giveUpCopy(catalog, next)).toBe(true);
      expect(await isNeeded(catalog.db, copy, blob.id)).toBe(false);
      expect(await isNeeded(catalog.db, { store: blob.store, key: blob.key }, blob.id)).toBe(false);
    });

    test("a blob has one copy in each store, and any number that leave it", async () => {
      const blob = await stored();
      const first = await want(blob, "b");
      await expect(want(blob, "b")).rejects.toThrow();
      await cancelMoves(catalog, { to: "b" }, 0);
      expect(await copyById(catalog.db, first.id)).toMatchObject({ state: "wanted" });
      expect(await giveUpCopy(catalog, await claim(first.id))).toBe(true);
      expect(await giveUpCopy(catalog, await claim((await want(blob, "b")).id))).toBe(true);
      expect((await rowsOf(blob.id)).map(({ state }) => state)).toEqual(["leaving", "leaving"]);
    });

    test("moves that several queue at once are queued once, and counted", async () => {
      const from = newId().toLowerCase();
      const to = newId().toLowerCase();
      const all = await Promise.all(Array.from({ length: 8 }, () => stored(from)));
      const blobIds = all.map(({ id }) => id);
      const both = [catalog, harness.other, catalog, harness.other];
      const results = await Promise.all(both.map((c) => queueMoves(c, { from, to, keep: false, blobIds }, () => newId(), 0)));
      expect(results.reduce((sum, { queued }) => sum + queued, 0)).toBe(8);
      expect(results.reduce((sum, { before }) => sum + before, 0)).toBe(24);
      expect(await backlogOf(catalog, to, from)).toEqual({ copies: 8, bytes: 56, parked: 0 });
      const [row] = await rowsOf(blobIds[0]!);
      const lease = await claim(row!.id);
      await releaseLease(catalog, lease, parkedUntil, 1);
      expect(await backlogOf(catalog, to, from)).toEqual({ copies: 8, bytes: 56, parked: 1 });
      expect(await backlogOf(catalog, to, null)).toEqual({ copies: 0, bytes: 0, parked: 0 });
      expect(await queueMoves(catalog, { from, to: "elsewhere", keep: false, blobIds }, () => newId(), 0)).toMatchObject({
        before: 8,
      });
      expect(await cancelMoves(catalog, { from, to }, 0)).toBe(8);
      expect(await backlogOf(catalog, to, from)).toEqual({ copies: 0, bytes: 0, parked: 0 });
      expect((await blobsIn(catalog, from, "", 100)).map(({ id }) => id)).toEqual(blobIds.toSorted());
      expect(await blobsIn(catalog, from, blobIds.toSorted().at(-2) ?? "", 100)).toHaveLength(1);
    });

    test("a store's blobs are those at home there and those with a held copy, with the name of their oldest living file", async () => {
      const there = newId().toLowerCase();
      const blob = await stored();
      const copy = await want(blob, there);
      expect(await blobsIn(catalog, there, "", 10)).toEqual([]);
      await hold(copy);
      expect(await blobsIn(catalog, there, "", 10)).toEqual([{ id: blob.id, sha1: blob.sha1, size: 7, name: null }]);
      const user = { id: newId(), username: newId().toLowerCase(), passwordHash: "", email: null, createdAt: 0, lastActiveAt: 0 };
      await insertUser(catalog.db, user);
      for (const name of ["first.log", "second.log"]) {
        const row = (await blobById(catalog.db, blob.id))!;
        await catalog.transaction((tx) => insertFile(tx, { id: newId(), userId: user.id, name, blob: row, now: 0 }));
      }
      expect(await blobsIn(catalog, there, "", 10)).toMatchObject([{ name: "first.log" }]);
      expect(await nameOf(catalog.db, blob.id)).toBe("first.log");
      expect(await nameOf(catalog.db, (await stored()).id)).toBeNull();
    });

    test("copies of a purged blob leave at once, but one that somebody makes just now when that lease is over", async () => {
      const blob = await stored();
      const store = newId().toLowerCase();
      const [held, making, parked] = [await want(blob, "b"), await want(blob, store), await want(blob, "d")];
      await hold(held);
      await claim(making.id, 100);
      await releaseLease(catalog, await claim(parked.id), parkedUntil, 1);
      await endCopiesOf(catalog.db, blob.id);
      const until = new Map((await rowsOf(blob.id)).map((row) => [row.id, row]));
      expect(until.get(held.id)).toMatchObject({ state: "leaving", leaseUntil: 0, liveStore: null, leaseOwner: null });
      expect(until.get(making.id)).toMatchObject({ state: "leaving", leaseUntil: 1100, leaseOwner: null });
      expect(until.get(parked.id)).toMatchObject({ state: "leaving", leaseUntil: 0 });
      await postponeDrops(catalog, store, 2000, 9000);
      const dueAt = async (now: number) => (await copiesToDrop(catalog, now, 1000)).filter(({ blobId }) => blobId === blob.id);
      expect((await dueAt(8999)).map(({ id }) => id).toSorted()).toEqual([held.id, parked.id].toSorted());
      expect(await dueAt(9000)).toHaveLength(3);
      for (const copy of await dueAt(9000)) await forgetCopy(catalog, copy);
      expect(await rowsOf(blob.id)).toEqual([]);
    });

    test("a row is forgotten only while it leaves, and is of that object still", async () => {
      const blob = await stored();
      const copy = await want(blob, "b");
      await forgetCopy(catalog, copy);
      expect(await copyById(catalog.db, copy.id)).toBeDefined();
      await endCopiesOf(catalog.db, blob.id);
      await forgetCopy(catalog, { ...copy, key: "another" });
      expect(await copyById(catalog.db, copy.id)).toBeDefined();
      await forgetCopy(catalog, copy);
      expect(await copyById(catalog.db, copy.id)).toBeUndefined();
    });

    test("a bad copy is replaced, and a bad home by the good copy; each once", async () => {
      const blob = await stored();
      const copy = await want(blob, "b");
      await hold(copy);
      const [home, second] = [
        { store: blob.store, key: blob.key },
        { store: "b", key: copy.key },
      ];
      const repair = async (bad: typeof home, good: typeof home) =>
        await replaceCopy(catalog, { blobId: blob.id, bad, good, newId: newId(), now: 20 });
      expect(await repair(home, second)).toBe(true);
      expect(await repair(home, second)).toBe(false);
      expect(await blobById(catalog.db, blob.id)).toMatchObject(second);
      const [leaving, wanted] = (await rowsOf(blob.id)).toSorted((a, b) => (a.state < b.state ? -1 : 1));
      expect(leaving).toMatchObject({ state: "leaving", ...home, liveStore: null });
      expect(wanted).toMatchObject({ state: "wanted", store: blob.store, liveStore: blob.store });
      expect([blob.key, copy.key]).not.toContain(wanted?.key);
      await hold(wanted!);
      expect(await repair({ store: blob.store, key: wanted!.key }, second)).toBe(true);
      expect((await rowsOf(blob.id)).map(({ state }) => state).toSorted()).toEqual(["leaving", "leaving", "wanted"]);
    });

    test("a stored blob goes back to the spool only where all that it has is lost", async () => {
      const blob = await stored();
      const copy = await want(blob, "b");
      await hold(copy);
      const spool = { has: async () => true };
      const bring = async (keys: string[]) =>
        await catalog.transaction((tx) =>
          holdOrMakeBlob(
            tx,
            newId(),
            { sha1: blob.sha1, sha256: blob.sha256, size: 7 },
            { spoolId: newId(), node: "n" },
            0,
            spool,
            { id: blob.id, keys },
          ),
        );
      expect(await findLostBlob(catalog.db, blob.sha1, async ({ store }) => store === "b")).toBeUndefined();
      expect(await findLostBlob(catalog.db, randomBytes(20).toString("hex"), async () => false)).toBeUndefined();
      expect(await bring([blob.key])).toMatchObject({ state: "stored" });
      const lost = await findLostBlob(catalog.db, blob.sha1, async () => false);
      expect(lost?.keys).toEqual([blob.key, copy.key]);
      const back = await bring(lost?.keys ?? []);
      expect(back).toMatchObject({ state: "spooled", store: null, node: "n" });
      expect([blob.key, copy.key]).not.toContain(back.key);
      expect(await blobById(catalog.db, blob.id)).toMatchObject({ state: "spooled", key: back.key, spoolId: back.spoolId });
      expect((await rowsOf(blob.id)).map(({ state }) => state)).toEqual(["leaving"]);
      // A second one who brings them finds them there.
      expect(await bring(lost?.keys ?? [])).toMatchObject({ state: "spooled", spoolId: back.spoolId });
    });

    test("copies that wait are found, and counted by state", async () => {
      const blob = await stored();
      const copy = await want(blob, "b");
      expect(await dueCopies(catalog, 1, 1000)).toContain(copy.id);
      const before = await countCopies(catalog);
      await hold(copy);
      expect(await dueCopies(catalog, 1, 1000)).not.toContain(copy.id);
      const after = await countCopies(catalog);
      expect(before.wanted - after.wanted).toBe(1);
    });

    test("a cursor is begun once, and moved by whoever holds it", async () => {
      const id = newId();
      const begun = await Promise.all([catalog, harness.other].map((c) => readCursor(c, id, 100)));
      expect(begun.map((cursor) => cursor?.leaseUntil)).toEqual([100, 100]);
      const take = async (now: number) =>
        await claimLease(catalog, { table: "cursors", id, state: "due", owner: newId(), now, leaseMs: 50 });
      expect(await take(99)).toBeNull();
      const late = await take(100);
      const next = await take(200);
      expect(await advanceCursor(catalog, late!, "a", 300)).toBe(false);
      expect(await advanceCursor(catalog, next!, "b", 300)).toBe(true);
      expect(await readCursor(catalog, id, 0)).toMatchObject({ position: "b", leaseUntil: 300, leaseOwner: null });
    });
  });
}
