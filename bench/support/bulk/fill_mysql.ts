import { type Connection, createConnection, type RowDataPacket } from "mysql2/promise";

import { bulkInserts, type Owners } from "./rows.ts";

/** Neither does the replica hear of the rows, nor is the binary log written. */
const session = "set session sql_log_bin = 0, session sql_mode = concat(@@sql_mode, ',PIPES_AS_CONCAT')";

/**
 * Adds files `from` to `to` to a drive's catalog on MariaDB or MySQL 8, a transaction for each statement. Indexes are taken away
 * before and made anew, by sorting, after. Replicas do not get the rows.
 *
 * @param uri of the database, for a user that may leave the binary log out, such as root.
 * @returns bytes of all tables and their indexes.
 */
export async function fillMysql(uri: string, owners: Owners, from: number, to: number): Promise<number> {
  const connection = await createConnection(uri);
  try {
    await connection.query(session);
    const indexes = await indexesOf(connection);
    await alterEach(connection, indexes, ({ name }) => `drop index \`${name}\``);
    for (const { sql, values } of bulkInserts(owners, from, to)) await connection.query(sql, values);
    await alterEach(connection, indexes, ({ name, kind, columns }) => `add ${kind} \`${name}\` (${columns})`);
    await connection.query("analyze table files, blobs");
    return await bytesOf(connection);
  } finally {
    await connection.end();
  }
}

interface Index {
  table: string;
  name: string;
  kind: "index" | "unique index";
  columns: string;
}

async function indexesOf(connection: Connection): Promise<Index[]> {
  const [rows] = await connection.query<(Index & RowDataPacket)[]>(`
    select table_name as \`table\`, index_name as name, if(non_unique, 'index', 'unique index') as kind,
      group_concat(column_name order by seq_in_index) as columns
    from information_schema.statistics
    where table_schema = database() and table_name in ('files', 'blobs') and index_name <> 'PRIMARY'
    group by table_name, index_name, non_unique`);
  return rows;
}

/** Says of all indexes of a table in one statement, so that it is read once for them. */
async function alterEach(connection: Connection, indexes: Index[], change: (index: Index) => string): Promise<void> {
  for (const [table, own = []] of Object.entries(Object.groupBy(indexes, ({ table }) => table))) {
    await connection.query(`alter table \`${table}\` ${own.map(change).join(", ")}`);
  }
}

async function bytesOf(connection: Connection): Promise<number> {
  const [[row]] = await connection.query<({ bytes: number } & RowDataPacket)[]>(
    "select sum(data_length + index_length) as bytes from information_schema.tables where table_schema = database()",
  );
  return Number(row?.bytes);
}
