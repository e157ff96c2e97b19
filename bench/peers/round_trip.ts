import { Database } from "bun:sqlite";

import { Redis } from "ioredis";
import { createPool } from "mysql2/promise";

// The yardstick of what a request asks of a database: one statement, or one GET of Redis, again and again, by the client that
// the drive uses, with so many under way. Takes what, the server's URL, how many, and seconds; says how many a second as JSON.

const [what = "", url = "", parallel = "1", seconds = "1"] = process.argv.slice(2);

/** As the drive opens them: db/sqlite.ts, db/mysql, lib/redis. */
const openers: Record<string, () => Promise<() => unknown>> = {
  sqlite: async () => {
    const db = new Database(new URL(url).pathname);
    db.run("PRAGMA journal_mode = WAL");
    db.run("PRAGMA synchronous = FULL");
    db.run("CREATE TABLE IF NOT EXISTS bench_floor (id VARCHAR(36) PRIMARY KEY, at BIGINT)");
    const select = db.prepare("SELECT 1");
    const insert = db.prepare("INSERT INTO bench_floor VALUES (?, ?)");
    return what === "select" ? () => select.get() : () => insert.run(crypto.randomUUID(), Date.now());
  },
  mysql: async () => {
    const pool = createPool({ uri: url, connectionLimit: 8 });
    await pool.query("CREATE TABLE IF NOT EXISTS bench_floor (id VARCHAR(36) PRIMARY KEY, at BIGINT)");
    if (what === "select") return () => pool.execute("SELECT 1");
    return () => pool.execute("INSERT INTO bench_floor VALUES (?, ?)", [crypto.randomUUID(), Date.now()]);
  },
  redis: async () => {
    const redis = new Redis(url, { enableAutoPipelining: true });
    await redis.set("bench_floor", "1", "EX", 60);
    return () => redis.get("bench_floor");
  },
};

const open = openers[new URL(url).protocol.slice(0, -1)];
if (!open) throw new Error("the URL must be sqlite:, mysql: or redis:");
const once = await open();

/** @returns how many were done. */
async function loop(end: number): Promise<number> {
  for (let done = 0; ; done++) {
    // What answers at once is not waited for: 64 in a row between two looks at the clock.
    if (done % 64 === 0 && performance.now() >= end) return done;
    await once();
  }
}

async function run(ms: number): Promise<number> {
  const begin = performance.now();
  const done = await Promise.all(Array.from({ length: Number(parallel) }, () => loop(begin + ms)));
  return done.reduce((sum, count) => sum + count, 0) / ((performance.now() - begin) / 1000);
}

await run(200);
process.stdout.write(JSON.stringify({ perSecond: await run(Number(seconds) * 1000) }));
process.exit(0);
