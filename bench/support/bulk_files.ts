import { Database } from "bun:sqlite";
import { stat } from "node:fs/promises";
import { join } from "node:path";

/** Whose the files are that a catalog is filled with. */
export interface Owners {
  /** Id of the user of the first 10,000. */
  small: string;
  /** Id of the user of a tenth of all others; the rest are a thousand others'. */
  large: string;
}

export const smallFiles = 10_000;
/** One content is ten users'. */
const filesPerBlob = 10;

/** Id of a file of the bulk: an id as any, older than every one that the drive makes. */
export function bulkId(file: number): string {
  return String(file).padStart(26, "0");
}

/** SHA-1 that the bulk's rows give to the content of a file. */
export function bulkSha1(file: number): string {
  const blob = Math.floor(file / filesPerBlob);
  const word = ((BigInt(blob) * 2654435761n) % 4294967296n).toString(16).padStart(8, "0");
  return word.repeat(3) + blob.toString(16).padStart(16, "0");
}

/** SQLite's words for {@link bulkSha1}: spread as hashes are, so that indexes by it are as scattered. */
const word = `printf('%08x', (b * 2654435761) % 4294967296)`;
const sha1 = `${word} || ${word} || ${word} || printf('%016x', b)`;

/**
 * Adds files `from` to `to` to a drive's SQLite catalog that nobody has open, with the blobs that they need: one statement each,
 * in SQLite itself. Indexes are taken away before and made anew, by sorting, after.
 *
 * @returns bytes of the catalog.
 */
export async function addBulkFiles(dataDir: string, owners: Owners, from: number, to: number): Promise<number> {
  const path = join(dataDir, "catalog.sqlite");
  using database = new Database(path);
  database.run("PRAGMA journal_mode = WAL");
  database.run("PRAGMA synchronous = OFF");
  database.run("PRAGMA cache_size = -500000");
  database.run("BEGIN");
  const indexes = database
    .query<{ name: string; sql: string }, []>(
      "select name, sql from sqlite_master where tbl_name in ('files','blobs') and type = 'index' and sql is not null",
    )
    .all();
  for (const { name } of indexes) database.run(`drop index \`${name}\``);
  const blobsFrom = Math.ceil(from / filesPerBlob);
  if (to > from) {
    database.run(
      `with recursive n(b) as (select ${blobsFrom} union all select b + 1 from n where b + 1 < ${Math.ceil(to / filesPerBlob)})
       insert into blobs (id, sha1, live_sha1, sha256, size, state, store, key, created_at, lease_until, fence, attempts)
       select printf('%026d', b), ${sha1}, ${sha1}, printf('%064d', b), 1000, 'stored', 'file', 'bulk', 1, 0, 0, 0 from n`,
    );
    database.run(
      `with recursive n(i) as (select ${from} union all select i + 1 from n where i + 1 < ${to})
       insert into files (id, user_id, name, live_name, search_name, blob_id, sha1, size, uploaded_at, updated_at)
       select printf('%026d', i),
         case when i < ${smallFiles} then ?1 when i % 10 = 0 then ?2 else printf('%026d', i % 1000) end,
         'holiday picture ' || i || '.jpg', 'holiday picture ' || i || '.jpg', 'holiday picture ' || i || '.jpg',
         printf('%026d', i / ${filesPerBlob}), (select sha1 from blobs where id = printf('%026d', i / ${filesPerBlob})),
         1000, 1000000 + i, 1000000 + i from n`,
      [owners.small, owners.large],
    );
  }
  for (const { sql } of indexes) database.run(sql);
  database.run("COMMIT");
  database.run("PRAGMA wal_checkpoint(TRUNCATE)");
  return (await stat(path)).size;
}
