/** Whose the files are that a catalog is filled with. */
export interface Owners {
  /** Id of the user of the first 10,000. */
  small: string;
  /** Id of the user of a tenth of all others; the rest are a thousand others'. */
  large: string;
}

/** An `insert` of some rows, for any engine. */
export interface Insert {
  sql: string;
  values: string[];
}

export const smallFiles = 10_000;
/** One content is ten users'. */
const filesPerBlob = 10;
/** Few enough for what a statement may have to take back. */
const filesPerInsert = 100_000;

/** Id of a file of the bulk: an id as any, older than every one that the drive makes. */
export function bulkId(file: number): string {
  return String(file).padStart(26, "0");
}

/** SHA-1 that the bulk's rows give to the content of a file: spread as hashes are, so that indexes by it are as scattered. */
export function bulkSha1(file: number): string {
  const blob = Math.floor(file / filesPerBlob);
  const word = String((BigInt(blob) * 2654435761n) % 4294967296n).padStart(10, "0");
  return word.repeat(3) + String(blob).padStart(10, "0");
}

/**
 * What adds files `from` to `to`, and the blobs that they need, in the order of their ids. The words are those of SQLite,
 * MariaDB and MySQL 8 alike, the latter two with `PIPES_AS_CONCAT`.
 */
export function* bulkInserts(owners: Owners, from: number, to: number): Generator<Insert, void, undefined> {
  for (let at = from; at < to; at += filesPerInsert) {
    const end = Math.min(to, at + filesPerInsert);
    yield { sql: insertBlobs(Math.ceil(at / filesPerBlob), Math.ceil(end / filesPerBlob)), values: [] };
    yield { sql: insertFiles(at, end), values: [owners.small, owners.large] };
  }
}

const padded = (number: string, width: number) => `substr('${"0".repeat(width)}' || (${number}), -${width})`;
const blobOf = (file: string) => `cast((${file} - ${file} % ${filesPerBlob}) / ${filesPerBlob} as signed)`;

/** {@link bulkSha1}. */
function sha1Of(blob: string): string {
  const word = padded(`${blob} * 2654435761 % 4294967296`, 10);
  return `${word} || ${word} || ${word} || ${padded(blob, 10)}`;
}

/** Numbers `i` from `from` to `to`, of which there are {@link filesPerInsert} at most. */
function numbers(from: number, to: number): string {
  const digits = Array.from({ length: 10 }, (_, digit) => `select ${digit}${digit === 0 ? " as d" : ""}`).join(" union all ");
  const [a, b, c, d, e] = ["a", "b", "c", "d", "e"].map((name) => `(${digits}) ${name}`);
  return `select i from (select ${from} + a.d * 10000 + b.d * 1000 + c.d * 100 + d.d * 10 + e.d as i
    from ${a} cross join ${b} cross join ${c} cross join ${d} cross join ${e}) n where i < ${to} order by i`;
}

function insertBlobs(from: number, to: number): string {
  return `insert into blobs
    (id, sha1, live_sha1, sha256, size, state, store, \`key\`, created_at, lease_until, fence, attempts)
    select ${padded("i", 26)}, ${sha1Of("i")}, ${sha1Of("i")}, ${padded("i", 64)}, 1000, 'stored', 'file', 'bulk', 1, 0, 0, 0
    from (${numbers(from, to)}) b`;
}

function insertFiles(from: number, to: number): string {
  const name = "'holiday picture ' || i || '.jpg'";
  const owner = `case when i < ${smallFiles} then ? when i % 10 = 0 then ? else ${padded("i % 1000", 26)} end`;
  return `insert into files (id, user_id, name, live_name, search_name, blob_id, sha1, size, uploaded_at, updated_at)
    select ${padded("i", 26)}, ${owner}, ${name}, ${name}, ${name}, ${padded(blobOf("i"), 26)}, ${sha1Of(blobOf("i"))},
      1000, 1000000 + i, 1000000 + i from (${numbers(from, to)}) f`;
}
