import { existsSync } from "node:fs";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { type Connection, createConnection } from "mysql2/promise";

import { systemCode } from "#lib/errors/mod.ts";

import { certificateOf } from "./certificate.ts";
import type { Daemon } from "./daemon.ts";
import { runCommand } from "./run_command.ts";
import type { Site } from "./site.ts";

/** A durable primary, and a replica that can follow any number of writers: a durable one of one thread falls minutes behind. */
export const mariadbSettings = {
  mysql: ["server-id=1", "sync_binlog=1", "innodb_flush_log_at_trx_commit=1"],
  replica: ["server-id=2", "read_only=ON", "sync_binlog=0", "innodb_flush_log_at_trx_commit=2", "slave_parallel_threads=4"],
};

/** What every one of them is told. */
export const mariadbCommonSettings = [
  "skip-name-resolve",
  "character-set-server=utf8mb4",
  "collation-server=utf8mb4_bin",
  "log-bin=binlog",
  "relay-log=relay",
  "binlog_format=ROW",
  "log_slave_updates=ON",
  "gtid_strict_mode=ON",
];

/** As root, mariadbd starts only when it is told to stay root; any other user it takes as it is. */
const stayRoot = process.getuid?.() === 0 ? ["user=root"] : [];

/** The catalog: MariaDB, a primary (`mysql`) and a replica (`replica`) that follows it by GTID. */
export async function mariadb(site: Site): Promise<Daemon[]> {
  return [await server(site, "mysql"), await server(site, "replica")];
}

async function server(site: Site, name: "mysql" | "replica"): Promise<Daemon> {
  const dir = join(site.dir, name);
  const [port, primaryPort] = [await site.port(name), await site.port("mysql")];
  return {
    name,
    command: ["mariadbd", `--defaults-file=${dir}/my.cnf`],
    ports: [port],
    prepare: () => install(dir, conf(dir, port, [...mariadbSettings[name], ...tlsSettings(site)])),
    check: async () => (await connectAsRoot(site, port)).connection.end(),
    setUp: () => initialise(site, port, name === "replica" ? { host: "127.0.0.1", port: primaryPort } : null),
  };
}

/** Clients may speak TLS then, on the same port. */
function tlsSettings({ dir }: Site): string[] {
  const { ca, cert, key } = certificateOf(dir);
  return [`ssl-ca=${ca}`, `ssl-cert=${cert}`, `ssl-key=${key}`];
}

function conf(dir: string, port: number, more: string[]): string {
  const lines = [
    ...stayRoot,
    `datadir=${dir}/data`,
    `tmpdir=${dir}/tmp`,
    `socket=${dir}/tmp/mysqld.sock`,
    `pid-file=${dir}/tmp/mysqld.pid`,
    "bind-address=127.0.0.1",
    `port=${port}`,
    "innodb_buffer_pool_size=256M",
    ...mariadbCommonSettings,
    ...more,
  ];
  return `[mariadbd]\n${lines.join("\n")}\n`;
}

/** Made aside, then renamed: what was killed midway is never taken for a database. */
async function install(dir: string, conf: string): Promise<void> {
  await mkdir(join(dir, "tmp"), { recursive: true });
  await writeFile(join(dir, "my.cnf"), conf);
  if (existsSync(join(dir, "data"))) return;
  const aside = join(dir, "data.new");
  await rm(aside, { recursive: true, force: true });
  const options = [
    `--defaults-file=${dir}/my.cnf`,
    `--datadir=${aside}`,
    ...stayRoot.map((user) => `--${user}`),
    "--skip-test-db",
  ];
  await runCommand(["mariadb-install-db", ...options, "--auth-root-authentication-method=normal"]);
  await rename(aside, join(dir, "data"));
}

/** A server that was just installed has a root without password; that it has one now is the sign that all is set up. */
async function connectAsRoot(site: Site, port: number): Promise<{ connection: Connection; isNew: boolean }> {
  const options = { host: "127.0.0.1", port, user: "root", connectTimeout: 3000, multipleStatements: true };
  try {
    return { connection: await createConnection({ ...options, password: site.secrets.mysqlRoot }), isNew: false };
  } catch (error) {
    if (systemCode(error) !== "ER_ACCESS_DENIED_ERROR") throw error;
    return { connection: await createConnection(options), isNew: true };
  }
}

async function initialise(site: Site, port: number, primary: { host: string; port: number } | null): Promise<void> {
  const { connection, isNew } = await connectAsRoot(site, port);
  try {
    if (!isNew) return;
    const { mysql, replication, mysqlRoot } = site.secrets;
    await connection.query("SET @sluice_password = ?, @replication_password = ?", [mysql, replication]);
    await connection.query("SET @primary_host = ?, @primary_port = ?", [primary?.host ?? null, primary?.port ?? null]);
    await connection.query(await readFile(join(import.meta.dir, "init.sql"), "utf8"));
    await connection.query("SET SESSION sql_log_bin = 0");
    await connection.query("DELETE FROM mysql.global_priv WHERE User = 'root' AND Host NOT IN ('localhost', '127.0.0.1')");
    await connection.query("ALTER USER root@localhost IDENTIFIED BY ?, root@'127.0.0.1' IDENTIFIED BY ?", [mysqlRoot, mysqlRoot]);
  } finally {
    await connection.end();
  }
}
