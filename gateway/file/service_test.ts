import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type Catalog, openCatalog } from "#db/mod.ts";
import { files } from "#db/schema.ts";
import { parseConfig } from "#lib/config/mod.ts";

import type { Principal } from "../router.ts";
import { listOwnFiles } from "./service.ts";

/** More than one statement of a search looks at. */
const count = 12_000;
const principal: Principal = { userId: "ann", username: "ann", sessionId: "s" };
const { signal } = new AbortController();
const idOf = (i: number) => String(i).padStart(26, "0");
/** Files of somebody else and deleted ones lie between. */
const rowOf = (i: number): typeof files.$inferInsert => {
  const name = `${i % 3000 === 10 ? "needle" : "hay"} ${i}`;
  const isDeleted = i % 5 === 4;
  const row = { id: idOf(i), userId: i % 4 === 3 ? "bob" : "ann", name, searchName: name, blobId: idOf(0), sha1: "", size: 1 };
  return { ...row, liveName: isDeleted ? null : name, deletedAt: isDeleted ? 1 : null, uploadedAt: 0, updatedAt: 0 };
};

describe("a search through more files than one statement looks at", () => {
  let folder: string;
  let catalog: Catalog;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "sluice-search-"));
    catalog = await openCatalog(parseConfig({ DATA_DIR: folder }));
    await catalog.transaction(async (tx) => {
      const rows = Array.from({ length: count }, (_, i) => rowOf(i));
      for (let i = 0; i < count; i += 500) await tx.insert(files).values(rows.slice(i, i + 500));
    });
  });
  afterAll(async () => {
    await catalog.close();
    await rm(folder, { recursive: true });
  });

  const search = async (q: string, limit: number, cursor?: string) => {
    const { files: found, next } = await listOwnFiles({ catalog }, principal, { q, limit, cursor }, signal);
    return { found: found.map(({ file }) => file.id), next };
  };
  /** As the rows say. */
  const wanted = (word: string) =>
    Array.from({ length: count }, (_, i) => rowOf(i))
      .filter(({ userId, liveName }) => userId === "ann" && liveName?.includes(word))
      .map(({ id }) => id)
      .toReversed();

  test("finds all of them, newest first, and only once", async () => {
    expect(wanted("needle").length).toBeGreaterThan(1);
    expect(await search("needle", 100)).toEqual({ found: wanted("needle"), next: null });
    expect(await search("nothing", 100)).toEqual({ found: [], next: null });
  });

  test.each([
    ["needle", 1],
    ["9", 200],
    ["hay", 1000],
  ])("finds all of %j by pages of %i", async (word, limit) => {
    const all: string[] = [];
    let cursor: string | null | undefined;
    do {
      const page = await search(word, limit, cursor ?? undefined);
      all.push(...page.found);
      cursor = page.next;
    } while (cursor !== null);
    expect(all).toEqual(wanted(word));
  });

  test("lets others be answered meanwhile, and ends when nobody waits for it", async () => {
    const stop = new AbortController();
    let turns = 0;
    const turn = setInterval(() => {
      turns++;
      stop.abort();
    }, 0);
    const { files: found } = await listOwnFiles({ catalog }, principal, { q: "hay 1", limit: 100_000 }, stop.signal);
    clearInterval(turn);
    expect(turns).toBeGreaterThan(0);
    expect(found.length).toBeLessThan(wanted("hay 1").length);
  });
});
