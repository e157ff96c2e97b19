import type { Bench, Goal, Outcome, Row, Scenario } from "../scenario.ts";
import { measureAsks } from "../support/bulk/asks.ts";
import { type BulkCatalog, startMysqlCatalog, startSqliteCatalog } from "../support/bulk/catalog.ts";
import { smallFiles } from "../support/bulk/rows.ts";
import { makeUsers } from "../support/bulk/users.ts";
import { startDrive } from "../support/drive.ts";

/** What a request about a few rows takes among many, and what one about many rows takes. */
export const growth: Scenario = {
  name: "growth",
  onlyByName: true,
  about:
    "requests one after the other on SQLite and on MariaDB with 10 k, 1 M and 10 M files (quick: 10 k and 200 k), against those with 10 k",
  diskBytes: 30e9,
  run: async ({ folder, quick, log }: Bench): Promise<Outcome> => {
    const sizes = quick ? [smallFiles, 200_000] : [smallFiles, 1e6, 1e7];
    const outcomes: Outcome[] = [];
    for (const start of [startSqliteCatalog, startMysqlCatalog]) {
      await using catalog = await start(folder);
      outcomes.push(outcomeOf(catalog.engine, await grow({ folder, catalog, sizes, log })));
    }
    return { rows: outcomes.flatMap(({ rows }) => rows), goals: outcomes.flatMap(({ goals }) => goals) };
  },
};

interface Growing extends Pick<Bench, "folder" | "log"> {
  catalog: BulkCatalog;
  sizes: number[];
}

interface Measured {
  files: number;
  /** Of the catalog. */
  bytes: number;
  /** That it took to fill. */
  seconds: number;
  /** Milliseconds, by what was asked. */
  medians: Map<string, number>;
}

async function grow({ folder, catalog, sizes, log }: Growing): Promise<Measured[]> {
  const users = await makeUsers(folder, catalog);
  const measured: Measured[] = [];
  for (const [i, files] of sizes.entries()) {
    const begin = performance.now();
    const bytes = await catalog.fill(users.ids, sizes[i - 1] ?? 0, files);
    const seconds = (performance.now() - begin) / 1000;
    log(`${catalog.engine} holds ${label(files)} files after ${seconds.toFixed(0)} s`);
    await using drive = await startDrive(folder, catalog.env, `${catalog.engine}-${files}`);
    measured.push({ files, bytes, seconds, medians: await measureAsks(drive, users) });
  }
  return measured;
}

/** `10k`, `1M`. */
function label(files: number): string {
  return files >= 1e6 ? `${files / 1e6}M` : `${files / 1000}k`;
}

/** What must not grow with other users' files. */
const steady = ["query by id", "query by sha1", "list, first page", "fastupload by the holder", "own counts", "metrics"];

function outcomeOf(engine: string, measured: Measured[]): Outcome {
  const [first] = measured;
  const last = measured.at(-1);
  const ratio = (name: string, { medians }: Measured) => (medians.get(name) ?? NaN) / (first?.medians.get(name) ?? NaN);
  const told = (name: string, of: (each: Measured) => string): Row => ({
    "median ms": name,
    on: engine,
    ...Object.fromEntries(measured.map((each) => [label(each.files), of(each)])),
  });
  const rows = [...(first?.medians.keys() ?? [])].map((name): Row => ({
    ...told(name, ({ medians }) => (medians.get(name) ?? NaN).toFixed(2)),
    ...Object.fromEntries(
      measured.slice(1).map((each) => [`${label(each.files)} of ${label(smallFiles)}`, ratio(name, each).toFixed(2)]),
    ),
  }));
  rows.push(told("catalog, MB", ({ bytes }) => (bytes / 1e6).toFixed(0)));
  rows.push(told("filled in, s", ({ seconds }) => seconds.toFixed(0)));
  const goals = steady.map((name): Goal => ({
    name: `${name} on ${engine}, of what it takes with ${label(smallFiles)} files`,
    value: last ? ratio(name, last) : NaN,
    unit: "×",
    atMost: 2,
  }));
  return { rows, goals };
}
