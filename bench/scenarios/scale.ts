import { join } from "node:path";

import { type LoadTool, startTool } from "../load/mod.ts";
import { runOnce } from "../measure/run_once.ts";
import { type Taken, takenBetween } from "../measure/taken.ts";
import { shotOf } from "../routes/mod.ts";
import type { Bench, Outcome, Row, Scenario } from "../scenario.ts";
import { type Account, signUp } from "../support/account.ts";
import { type BenchCluster, settleMs, startBenchCluster } from "../support/cluster.ts";
import { median } from "../support/median.ts";
import { type Sender, startSender } from "../support/sender.ts";
import { completeSmallFiles, sendSmallFiles, untilStored } from "../support/small_files.ts";

const counts = [1, 2, 4];

/** What more processes make of the same work. On a machine whose cores are all busy with one of each, that is what they cost. */
export const scale: Scenario = {
  name: "scale",
  onlyByName: true,
  about:
    "the cluster with 1, 2 and 4 gateways and as many processes of workers, through nginx: queries, small files taken in, merged, pushed",
  diskBytes: 12e9,
  run: async ({ folder, quick, wishes }: Bench): Promise<Outcome> => {
    await using tool = startTool(wishes.tool, folder);
    await using sender = await startSender();
    const measured: Scaled[] = [];
    for (const count of counts) {
      await using cluster = await startBenchCluster(join(folder, `${count}`), {}, count);
      measured.push({ count, works: await measure({ tool, sender, cluster }, quick) });
    }
    return { rows: rowsOf(measured), goals: [] };
  },
};

/** Something done many times over. */
interface Work {
  perSecond: number;
  /** CPU microseconds for each time, by kind of process. */
  micros: Record<string, number>;
}

interface Scaled {
  count: number;
  /** The runs of each work, by its name. */
  works: Record<string, Work[]>;
}

interface Parties {
  tool: LoadTool;
  sender: Sender;
  cluster: BenchCluster;
}

async function measure({ tool, sender, cluster }: Parties, quick: boolean): Promise<Scaled["works"]> {
  const account = await signUp(cluster.url);
  const ids = await sendSmallFiles(sender, account, 64);
  await completeSmallFiles(sender, account, ids);
  await untilStored(account);
  const query = await queried(tool, cluster, account, quick ? 1 : 4);
  const uploads: Record<string, Work>[] = [];
  for (let round = 0; round < (quick ? 2 : 5); round++) uploads.push(await uploaded(sender, cluster, quick ? 100 : 400));
  const names = Object.keys(uploads[0] ?? {});
  const of = (name: string) => uploads.flatMap((works) => works[name] ?? []);
  return { "query by id, 32 connections": query, ...Object.fromEntries(names.map((name) => [name, of(name)])) };
}

const connections = 32;

async function queried(tool: LoadTool, cluster: BenchCluster, account: Account, rounds: number): Promise<Work[]> {
  const { files } = await account.json<{ files: { id: string }[] }>(200, "GET", "/file/query?limit=1");
  const shot = { ...shotOf(null, "GET", `/file/query?id=${files[0]?.id}`), headers: account.headers };
  await Bun.sleep(settleMs);
  const works: Work[] = [];
  for (let round = 0; round <= rounds; round++) {
    const traffic = { kind: "repeat" as const, shot, seconds: 2 };
    const run = await runOnce(
      tool,
      { name: "scale", usages: () => cluster.usages() },
      { url: cluster.url, connections, status: 200, traffic },
    );
    if (round > 0) works.push({ perSecond: run.perSecond, micros: microsOf(run.processes, run.requests) });
  }
  return works;
}

/** Files of a new user, from their first request until Ceph has them. */
async function uploaded(sender: Sender, cluster: BenchCluster, count: number): Promise<Record<string, Work>> {
  const account = await signUp(cluster.url);
  const worked = <T>(run: () => Promise<T>) => workOf(cluster, count, run);
  const [taken, ids] = await worked(() => sendSmallFiles(sender, account, count));
  const merging = worked(() => completeSmallFiles(sender, account, ids));
  const storing = worked(async () => {
    await merging;
    await untilStored(account);
  });
  const [[merged], [stored]] = await Promise.all([merging, storing]);
  return {
    "a file of 16 KiB: init and chunk": taken,
    "a file: complete until merged": merged,
    "a file: complete until in Ceph": stored,
  };
}

async function workOf<T>(cluster: BenchCluster, times: number, run: () => Promise<T>): Promise<[Work, T]> {
  const [before, begin] = [await cluster.usages(), performance.now()];
  const value = await run();
  const seconds = (performance.now() - begin) / 1000;
  return [{ perSecond: times / seconds, micros: microsOf(takenBetween(before, await cluster.usages()), times) }, value];
}

const ceph = new Set(["mon", "osd", "rgw"]);

/** By kind: `gateway` stands for `gateway-1` and `gateway-2`. */
function microsOf(processes: Taken, times: number): Record<string, number> {
  const micros: Record<string, number> = {};
  for (const [name, { cpuSeconds }] of Object.entries(processes)) {
    const kind = ceph.has(name) ? "Ceph" : name.replace(/-\d+$/, "");
    micros[kind] = (micros[kind] ?? 0) + (cpuSeconds / times) * 1e6;
  }
  return micros;
}

const kinds = ["nginx", "gateway", "worker", "mysql", "replica", "redis", "amqp", "Ceph"];

const rateOf = (works: Work[]) => median(works.map(({ perSecond }) => perSecond));

/** By work, so that what is to be compared stands together. */
function rowsOf(measured: Scaled[]): Row[] {
  const [one] = measured;
  return Object.entries(one?.works ?? {}).flatMap(([what, base]) =>
    measured.map(({ count, works }): Row => {
      const runs = works[what] ?? [];
      const micros = (kind: string) => median(runs.map((run) => run.micros[kind] ?? 0));
      return {
        what,
        gateways: count,
        "a second": Math.round(rateOf(runs)),
        "of one": Number((rateOf(runs) / rateOf(base)).toFixed(2)),
        "CPU µs": Math.round(median(runs.map((run) => Object.values(run.micros).reduce((sum, each) => sum + each, 0)))),
        ...Object.fromEntries(kinds.map((kind) => [kind, Math.round(micros(kind))])),
      };
    }),
  );
}
