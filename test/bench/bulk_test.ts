import { expect, setDefaultTimeout, test } from "bun:test";

import { accountAt, type FileJson } from "../../bench/support/account.ts";
import { type BulkCatalog, startMysqlCatalog, startSqliteCatalog } from "../../bench/support/bulk/catalog.ts";
import { bulkId, bulkSha1, smallFiles } from "../../bench/support/bulk/rows.ts";
import { makeUsers } from "../../bench/support/bulk/users.ts";
import { startDrive } from "../../bench/support/drive.ts";
import { tempFolder } from "../../bench/support/temp_folder.ts";
import { lacksServers } from "../support/real_servers.ts";

setDefaultTimeout(300_000);

/** Fills a catalog twice, and asks the drive that opens it then. */
async function expectBulk(start: (folder: string) => Promise<BulkCatalog>): Promise<void> {
  await using folder = await tempFolder(0);
  await using catalog = await start(folder.path);
  const { names, ids, ...accounts } = await makeUsers(folder.path, catalog);
  const some = await catalog.fill(ids, 0, smallFiles + 5);
  expect(some).toBeGreaterThan(1e6);
  expect(await catalog.fill(ids, smallFiles + 5, smallFiles + 2000)).toBeGreaterThanOrEqual(some);

  await using drive = await startDrive(folder.path, catalog.env, "after");
  const [small, large] = [accountAt(drive.url, accounts.small.headers), accountAt(drive.url, accounts.large.headers)];
  const last = smallFiles - 1;
  const expected = { id: bulkId(last), sha1: bulkSha1(last), name: `holiday picture ${last}.jpg` };
  expect(await small.json<FileJson>(200, "GET", `/file/query?id=${bulkId(last)}`)).toMatchObject(expected);
  // Of the ten files with one content the newest is told.
  expect(await small.json<FileJson>(200, "GET", `/file/query?sha1=${bulkSha1(last - 5)}`)).toMatchObject(expected);
  expect(await small.json<object>(200, "GET", `/user/${names.small}`)).toMatchObject({ files: smallFiles, bytes: 1e7 });
  expect(await large.json<object>(200, "GET", `/user/${names.large}`)).toMatchObject({ files: 200, bytes: 200_000 });
  const { files } = await large.json<{ files: FileJson[] }>(200, "GET", "/file/query?limit=2");
  expect(files.map(({ id }) => id)).toEqual([bulkId(smallFiles + 1990), bulkId(smallFiles + 1980)]);
}

test("a SQLite catalog is filled with files that a drive answers for", async () => {
  await expectBulk(startSqliteCatalog);
});

test.skipIf(lacksServers("mysql", "redis"))("a MariaDB catalog is filled with the same files", async () => {
  await expectBulk(startMysqlCatalog);
});
