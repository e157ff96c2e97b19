import { type LoadTool, startTool } from "../load/mod.ts";
import type { Bench, Outcome, Row, Scenario } from "../scenario.ts";
import { type Account, type FileJson, signUp } from "../support/account.ts";
import { storedFile } from "../support/chunked.ts";
import { jsonConstant, startConstant } from "../support/constant.ts";
import { type Drive, startDrive } from "../support/drive.ts";
import { type Load, runLoad, type Target } from "../support/load.ts";
import { median } from "../support/median.ts";

/** The small request that a drive answers most, against the framework alone. */
export const query: Scenario = {
  name: "query",
  about: "authenticated GET /file/query?id= under 32 connections, against a bare Hono route that answers the same JSON",
  diskBytes: 2e9,
  run: async ({ folder, quick, wishes }: Bench): Promise<Outcome> => {
    await using tool = startTool(wishes.tool, folder);
    await using drive = await startDrive(folder);
    const file = await withFile(drive);
    await using bare = await startConstant(folder, "bare", jsonConstant("/file/query", file.answer));
    const { path, account } = file;
    const targets: Target[] = [
      { name: "bare Hono route", server: bare, path, headers: account.headers },
      { name: "sluice query", server: drive, path, headers: account.headers },
    ];
    await using stack = new AsyncDisposableStack();
    if (!quick) targets.push(...(await lighterTargets(folder, drive, stack)));
    await mustAnswer(targets[0], file.answer);
    return outcomeOf(targets, await loadAll(tool, targets, quick ? 3 : 6, quick ? 0.5 : 3));
  },
};

/** What a query takes less a part of it. */
async function lighterTargets(folder: string, drive: Drive, stack: AsyncDisposableStack): Promise<Target[]> {
  const silent = stack.use(await startDrive(folder, { LOG_LEVEL: "silent" }, "sluice-silent"));
  const { path, account } = await withFile(silent);
  return [
    { name: "sluice query, LOG_LEVEL=silent", server: silent, path, headers: account.headers },
    { name: "sluice healthz (no auth, no SQL)", server: drive, path: "/healthz", headers: {} },
    { name: "sluice healthz, LOG_LEVEL=silent", server: silent, path: "/healthz", headers: {} },
  ];
}

interface Prepared {
  account: Account;
  path: string;
  answer: FileJson;
}

/** A user with a file that has come to rest, so that no worker has anything to do. */
async function withFile(drive: Drive): Promise<Prepared> {
  const account = await signUp(drive.url);
  const form = new FormData();
  form.append("file", new Blob(["hello"]), "hello.txt");
  const response = await fetch(`${drive.url}/file/upload`, { method: "POST", headers: account.headers, body: form });
  const made: FileJson = JSON.parse(await response.text());
  return { account, path: `/file/query?id=${made.id}`, answer: await storedFile(account, made.id) };
}

async function mustAnswer(target: Target | undefined, expected: FileJson): Promise<void> {
  const answer: unknown = await (await fetch(`${target?.server.url}${target?.path}`)).json();
  if (!Bun.deepEquals(answer, expected))
    throw new Error(`answered ${JSON.stringify(answer)}, must be ${JSON.stringify(expected)}`);
}

/** Loads all in turn, after one round to warm up. @returns the rounds of each. */
async function loadAll(tool: LoadTool, targets: Target[], rounds: number, seconds: number): Promise<Load[][]> {
  const loads = targets.map((): Load[] => []);
  for (let round = 0; round <= rounds; round++) {
    for (const [i, target] of targets.entries()) {
      const load = await runLoad(tool, target, seconds);
      if (round > 0) loads[i]?.push(load);
    }
  }
  return loads;
}

function outcomeOf(targets: Target[], loads: Load[][]): Outcome {
  const [base = [], own = []] = loads;
  const rows = targets.map(({ name }, i): Row => rowOf(name, loads[i] ?? [], base));
  const goals = [
    { name: "query rate of bare Hono", value: ratioOf(own, base, byRate), unit: "×", atLeast: 0.5 },
    { name: "query rate of bare Hono, by the server's CPU alone", value: ratioOf(own, base, byCpu), unit: "×", atLeast: 0.5 },
  ];
  return { rows, goals };
}

const byRate = (load: Load) => load.perSecond;
const byCpu = (load: Load) => 1 / load.cpuMicros;

/** The median of the rounds' ratios. */
function ratioOf(loads: Load[], base: Load[], by: (load: Load) => number): number {
  return median(loads.map((load, round) => by(load) / by(base[round] ?? load)));
}

function rowOf(name: string, loads: Load[], base: Load[]): Row {
  const of = (key: keyof Load) => median(loads.map((load) => load[key]));
  return {
    target: name,
    "requests/s": Math.round(of("perSecond")),
    "of bare": Number(ratioOf(loads, base, byRate).toFixed(2)),
    "CPU µs": Number(of("cpuMicros").toFixed(1)),
    "of bare by CPU": Number(ratioOf(loads, base, byCpu).toFixed(2)),
    "p99 ms": Number(of("p99Ms").toFixed(1)),
    "busy cores": Number(of("busy").toFixed(2)),
  };
}
