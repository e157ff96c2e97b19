import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";

import { groupCommit } from "./group_commit.ts";

/** A database that counts its commits. */
function countingDatabase() {
  const database = new Database(":memory:");
  database.run("create table names (name text primary key)");
  let commits = 0;
  const write = groupCommit(database, () => void commits++);
  const add = (name: string) => write(async () => database.query("insert into names values (?)").run(name).changes);
  const names = () => database.query<{ name: string }, []>("select name from names order by name").all();
  return { database, write, add, names: () => names().map(({ name }) => name), commits: () => commits };
}

test("writes of one turn share a commit, and each is told what it did", async () => {
  const { add, names, commits } = countingDatabase();
  expect(await Promise.all(["a", "b", "c"].map(add))).toEqual([1, 1, 1]);
  expect([names(), commits()]).toEqual([["a", "b", "c"], 1]);
});

test("one that fails takes nothing of the others with it", async () => {
  const { write, database, add, names, commits } = countingDatabase();
  const half = write(async () => {
    database.run("insert into names values ('half')");
    throw new Error("changed its mind");
  });
  const all = await Promise.allSettled([add("a"), half, add("a"), add("b")]);
  expect(all.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "rejected", "fulfilled"]);
  expect([names(), commits()]).toEqual([["a", "b"], 1]);
});

test("one statement that fails takes nothing of the others with it either, and leaves nothing of itself", async () => {
  const { write, database, names, commits } = countingDatabase();
  const insert = (values: string) => write(async () => database.query(`insert into names values ${values}`).run().changes, true);
  const all = await Promise.allSettled([insert("('a')"), insert("('half'), ('a')"), insert("('b')")]);
  expect(all.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect([names(), commits()]).toEqual([["a", "b"], 1]);
});

test("what ends the whole transaction fails for itself alone", async () => {
  const { write, database, add, names } = countingDatabase();
  const before = add("a");
  const full = write(async () => {
    // As SQLite does by itself when the disk is full.
    database.run("ROLLBACK");
    throw new Error("the disk is full");
  });
  expect(await Promise.all([before, full.catch(String), add("b")])).toEqual([1, "Error: the disk is full", 1]);
  expect(names()).toEqual(["a", "b"]);
});

test("one that cannot even begin is told so", async () => {
  const { add, database } = countingDatabase();
  database.run("BEGIN");
  const failed = await add("a").catch(String);
  expect(failed).toContain("transaction");
  expect(await add("b")).toBe(1);
});

test("one that comes while another is under way is committed with it, or after it", async () => {
  const { write, add, names, commits } = countingDatabase();
  const later: Promise<number>[] = [];
  await write(async () => {
    later.push(add("while"));
    await Bun.sleep(1);
    later.push(add("still"));
  });
  await Promise.all(later);
  expect([names(), commits()]).toEqual([["still", "while"], 1]);
});

test("nobody waits for more than a hundred others", async () => {
  const { add, commits } = countingDatabase();
  await Promise.all(Array.from({ length: 250 }, (_, i) => add(String(i))));
  expect(commits()).toBe(3);
});
