import { expect, test } from "bun:test";

import { asSqlite } from "./as_sqlite.ts";

test("hints for MySQL are left out, wherever they stand", () => {
  const hinted = "select `id` from `files` FORCE INDEX (files_list) where `id` in (select 1 from `files` FORCE INDEX (other))";
  expect(asSqlite(hinted)).toBe("select `id` from `files` where `id` in (select 1 from `files`)");
});

test("rows are read without a lock of their own", () => {
  expect(asSqlite("select `id` from `files` FORCE INDEX (files_list) where `id` = ? for update")).toBe(
    "select `id` from `files` where `id` = ?",
  );
  const insert = "insert into `files` (`id`) select ? from `users` where `id` = ?";
  expect(asSqlite(`${insert} lock in share mode`)).toBe(insert);
});

test("an index is dropped without its table", () => {
  expect(asSqlite("\nDROP INDEX `files_list` ON `files`;")).toBe("\nDROP INDEX `files_list`;");
});

test("all else stays as it is", () => {
  const others = [
    "select 1",
    "update `files` set `name` = ?",
    "CREATE INDEX `a` ON `files` (`id`)",
    "select 'DROP INDEX `a` ON `b`'",
  ];
  expect(others.map(asSqlite)).toEqual(others);
});
