import { join } from "node:path";

import { eq, sql } from "drizzle-orm";
import { bigint, mysqlTable, varchar } from "drizzle-orm/mysql-core";
import { drizzle } from "drizzle-orm/mysql2";
import { Redis } from "ioredis";
import { jwtVerify, SignJWT } from "jose";
import { createPool, type Pool } from "mysql2/promise";

import { startStack } from "../../test/stack/mod.ts";
import type { Bench, Outcome, Row, Scenario } from "../scenario.ts";
import { median } from "../support/median.ts";
import { rateOf, type Repeated } from "../support/rate.ts";

/** What seed 004 asks to be thought about and measured: each way beside the one that it is to be better than. */
export const homework: Scenario = {
  name: "homework",
  onlyByName: true,
  about:
    "ways to do one thing, in one process on MariaDB and Redis: sign-up, replicas, prepared statements, pools, pipelining, tokens",
  diskBytes: 2e9,
  run: async ({ folder, quick }: Bench): Promise<Outcome> => {
    const stack = await startStack({ dir: join(folder, "servers"), servers: ["mysql", "redis"], log: () => {} });
    const pools = Object.fromEntries(
      [1, 2, 8, 32].map((size) => [size, createPool({ uri: stack.mysql, connectionLimit: size })]),
    );
    const [primary, replica] = [poolOf(pools, 8), createPool({ uri: stack.replica, connectionLimit: 8 })];
    const redis = new Redis(stack.redis, { enableAutoPipelining: true });
    const plain = new Redis(stack.redis);
    try {
      await makeRows(primary);
      const questions = [
        ...(await signUps(primary, redis)),
        await reads(primary, replica),
        builds(primary),
        poolSizes(pools),
        pipelining(redis, plain),
        await tokens(),
      ];
      const rows: Row[] = [];
      for (const question of questions) rows.push(...(await answer(question, quick ? 3 : 7, quick ? 0.5 : 2)));
      return { rows, goals: [] };
    } finally {
      await Promise.all([...Object.values(pools), replica].map((pool) => pool.end()));
      redis.disconnect();
      plain.disconnect();
      await stack.stop();
    }
  },
};

/** Ways to do one thing; the first is what the others are compared with. */
interface Question {
  /** How many of it at once. */
  inFlight: number;
  ways: (Repeated & { name: string })[];
}

async function answer({ inFlight, ways }: Question, rounds: number, seconds: number): Promise<Row[]> {
  const rates = ways.map((): number[] => []);
  for (let round = 0; round < rounds; round++) {
    for (const [i, way] of ways.entries()) rates[i]?.push(await rateOf(inFlight, seconds, way));
  }
  const [base = []] = rates;
  return ways.map(({ name }, i): Row => {
    const own = rates[i] ?? [];
    const ratio = median(own.map((rate, round) => rate / (base[round] ?? rate)));
    return { way: name, "a second": Math.round(median(own)), "of the first": Number(ratio.toFixed(2)) };
  });
}

const people = mysqlTable("bench_people", {
  id: varchar("id", { length: 36 }).primaryKey(),
  name: varchar("name", { length: 64 }).notNull(),
  hash: varchar("hash", { length: 255 }).notNull(),
  at: bigint("at", { mode: "number" }).notNull(),
});
const rowCount = 10_000;
const insert = "insert into bench_people (id, name, hash, at) values ?";
const someId = (i: number) => `row-${(i * 7919) % rowCount}`;

async function makeRows(pool: Pool): Promise<void> {
  const columns = "id varchar(36) primary key, name varchar(64) unique, hash varchar(255), at bigint";
  await pool.query(`create table bench_people (${columns})`);
  const rows = Array.from({ length: rowCount }, (_, i) => [`row-${i}`, `name-${i}`, "x".repeat(97), i]);
  for (let i = 0; i < rowCount; i += 1000) await pool.query(insert, [rows.slice(i, i + 1000)]);
}

function poolOf(pools: Record<string, Pool>, size: number): Pool {
  const pool = pools[size];
  if (!pool) throw new Error(`there is no pool of ${size}`);
  return pool;
}

/** As `gateway/auth/passwords.ts` hashes. */
const argon = { algorithm: "argon2id", memoryCost: 19_456, timeCost: 2 } as const;

const person = (hash: string) => [crypto.randomUUID(), crypto.randomUUID(), hash, Date.now()];

const slow = () => Bun.password.hash("correct horse", argon);

/** With the insert in the request, and with a name that is reserved in Redis and inserted by whoever empties a queue. */
async function signUps(pool: Pool, redis: Redis): Promise<Question[]> {
  const cheap = await Bun.password.hash("correct horse", argon);
  const direct = (hash: string) => pool.query(insert, [[person(hash)]]);
  const queue = queueOf(pool, redis);
  const reserved = async (hash: string) => {
    const row = person(hash);
    if ((await redis.set(`bench:name:${row[1]}`, "1", "EX", 60, "NX")) !== "OK") throw new Error("taken");
    await queue.add(row);
  };
  const waysWith = (hashing: string, hash: () => Promise<string>): Question => ({
    inFlight: 16,
    ways: [
      { name: `sign-up, insert in the request, ${hashing}`, run: async () => direct(await hash()) },
      { name: `sign-up, reserved and queued in Redis, ${hashing}`, run: async () => reserved(await hash()), settle: queue.empty },
    ],
  });
  return [waysWith("no hash", async () => cheap), waysWith("argon2id", slow)];
}

/** A list in Redis that is inserted beside the requests: a hundred rows a statement, one statement at a time. */
function queueOf(pool: Pool, redis: Redis) {
  let working: Promise<void> | undefined;
  const drain = async () => {
    for (;;) {
      const taken = (await redis.lpop("bench:queue", 100)) ?? [];
      if (taken.length === 0) return;
      await pool.query(insert, [taken.map((text): unknown => JSON.parse(text))]);
    }
  };
  const empty = async () => {
    await (working ??= drain().finally(() => (working = undefined)));
  };
  const add = async (row: unknown[]) => {
    await redis.rpush("bench:queue", JSON.stringify(row));
    // Who signs up does not wait for it; that nothing of it failed is seen when it is emptied at the end.
    working ??= drain().finally(() => (working = undefined));
  };
  return { add, empty };
}

/** All from the primary; or every other one from a replica. */
async function reads(primary: Pool, replica: Pool): Promise<Question> {
  const read = "select id, name, hash, at from bench_people where id = ?";
  for (let rows: unknown; !Array.isArray(rows) || rows.length === 0; await Bun.sleep(20)) {
    // Until the replica has the table, it says that there is none.
    rows = await replica.query(read, [someId(rowCount - 1)]).then(
      ([found]) => found,
      () => [],
    );
  }
  return {
    inFlight: 64,
    ways: [
      { name: "reads by key, from the primary", run: (i) => primary.query(read, [someId(i)]) },
      {
        name: "reads by key, from primary and replica in turn",
        run: (i) => (i % 2 ? primary : replica).query(read, [someId(i)]),
      },
    ],
  };
}

function builds(pool: Pool): Question {
  const db = drizzle(pool);
  const build = (id: unknown) =>
    db
      .select()
      .from(people)
      .where(sql`${people.id} = ${id}`);
  const prepared = db
    .select()
    .from(people)
    .where(eq(people.id, sql.placeholder("id")))
    .prepare();
  const text = "select id, name, hash, at from bench_people where id = ?";
  return {
    inFlight: 64,
    ways: [
      { name: "drizzle, built at each call", run: (i) => build(someId(i)) },
      { name: "drizzle, built once (prepare)", run: (i) => prepared.execute({ id: someId(i) }) },
      { name: "mysql2, as text (query)", run: (i) => pool.query(text, [someId(i)]) },
      { name: "mysql2, prepared on the server (execute)", run: (i) => pool.execute(text, [someId(i)]) },
    ],
  };
}

function poolSizes(pools: Record<string, Pool>): Question {
  const text = "select id, name, hash, at from bench_people where id = ?";
  const ways = [8, 1, 2, 32].map((size) => {
    const pool = poolOf(pools, size);
    return { name: `pool of ${size}`, run: (i: number) => pool.query(text, [someId(i)]) };
  });
  return { inFlight: 64, ways };
}

function pipelining(redis: Redis, plain: Redis): Question {
  return {
    inFlight: 64,
    ways: [
      { name: "Redis GET, each by itself", run: (i) => plain.get(`bench:${i % 100}`) },
      { name: "Redis GET, auto-pipelined", run: (i) => redis.get(`bench:${i % 100}`) },
    ],
  };
}

async function tokens(): Promise<Question> {
  const key = crypto.getRandomValues(new Uint8Array(32));
  const token = await new SignJWT({ sid: "s", name: "n" }).setProtectedHeader({ alg: "HS256" }).setSubject("u").sign(key);
  const known = new Map([[token, { sub: "u" }]]);
  return {
    inFlight: 64,
    ways: [
      { name: "token verified by jose", run: () => jwtVerify(token, key, { algorithms: ["HS256"] }) },
      { name: "token known from before", run: async () => known.get(token) },
    ],
  };
}
