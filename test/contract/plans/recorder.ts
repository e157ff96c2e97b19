import type { Catalog, Queries } from "#db/mod.ts";

import { queriesOver, type Run } from "../../../db/mysql/queries.ts";

/** A server that rows are in, and that tells how it would answer. */
export interface Engine {
  run: Run;
  /** What it would do, in its own words: a line for each table that it reads. None for what reads no table. */
  explain(sql: string, params: unknown[]): Promise<string[]>;
}

/** A statement that was run, as often as it was run in another way. */
export interface Planned {
  /** The function of db/ that it was run for first. */
  name: string;
  sql: string;
  /** Each way in which it was run; one, as a rule. */
  plans: Set<string>;
}

/** A catalog that asks of each statement how it would be run, then runs it. */
export interface Recorder {
  catalog: Catalog;
  /** By their SQL, in the order in which they came. */
  statements: Map<string, Planned>;
  /** `files.ts:97`: where in db/ a statement was begun to be built. */
  builtAt: Set<string>;
  /** Names the function that is to be run. */
  begin(name: string): void;
}

const builders = new Set<PropertyKey>(["select", "selectDistinct", "insert", "update", "delete"]);

/** The drive's own queries over one connection of an engine, one at a time. */
export function createRecorder({ run, explain }: Engine): Recorder {
  const statements = new Map<string, Planned>();
  const builtAt = new Set<string>();
  let name = "";
  const db = watched(
    queriesOver(async (sql, params, method) => {
      const known = textOf(sql);
      const plan = counted(await explain(sql, params)).join("; ");
      const statement = statements.get(known) ?? { name, sql: known, plans: new Set() };
      statements.set(known, statement);
      if (plan !== "") statement.plans.add(plan);
      return await run(sql, params, method);
    }),
    (place) => builtAt.add(place),
  );
  const catalog: Catalog = {
    engine: "recorder",
    db,
    read: (_userId, read) => read(db),
    transaction: async (work) => {
      await run("begin", [], "execute");
      const result = await work(db);
      await run("commit", [], "execute");
      return result;
    },
    check: async () => {},
    close: async () => {},
  };
  return { catalog, statements, builtAt, begin: (next) => void (name = next) };
}

/** Steps that are the same one after the other as one. */
function counted(steps: string[]): string[] {
  const runs: { step: string; times: number }[] = [];
  for (const step of steps) {
    const last = runs.at(-1);
    if (last?.step === step) last.times++;
    else runs.push({ step, times: 1 });
  }
  return runs.map(({ step, times }) => (times === 1 ? step : `${times} × ${step}`));
}

/** Lists of any length are one statement. */
function textOf(sql: string): string {
  return sql
    .replaceAll("`", "")
    .replaceAll(/ in \(\?(, \?)*\)/g, " in (?, …)")
    .replace(/ values \(.*$/s, " values (…)");
}

/** Tells of each statement that is begun where that stands. */
function watched(db: Queries, tell: (place: string) => void): Queries {
  return new Proxy(db, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property, target);
      if (typeof value !== "function" || !builders.has(property)) return value;
      return (...args: unknown[]): unknown => {
        const place = /\/db\/(\w+\.ts:\d+)/.exec(new Error("here").stack ?? "")?.[1];
        if (place !== undefined) tell(place);
        return Reflect.apply(value, target, args);
      };
    },
  });
}
