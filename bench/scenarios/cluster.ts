import { join } from "node:path";

import { type LoadTool, startTool } from "../load/mod.ts";
import { untilQuiet } from "../measure/until_quiet.ts";
import type { Bench, Goal, Outcome, Row, Scenario } from "../scenario.ts";
import { cephTransfers } from "../support/ceph_transfers.ts";
import { type BenchCluster, settleMs, startBenchCluster } from "../support/cluster.ts";
import { jsonConstant, startConstant } from "../support/constant.ts";
import { startFront } from "../support/front.ts";
import { runLoad, type Target } from "../support/load.ts";
import { makeFile } from "../support/make_file.ts";
import { median } from "../support/median.ts";
import { goalOf, raced } from "../support/raced.ts";
import { speedRatio } from "../support/transfer.ts";
import { type UploadedFile, uploadFile } from "../support/upload_file.ts";

const fileBytes = (quick: boolean) => (quick ? 128 : 256) * 2 ** 20;

/** The cluster through its front, against Ceph asked directly and against the same front before a constant. */
export const cluster: Scenario = {
  name: "cluster",
  about:
    "256 MiB (128 in a quick run) to and from Ceph against curl and presigned URLs; GET /file/query?id= against a bare Hono route behind the same nginx",
  diskBytes: 12e9,
  run: async ({ folder, quick, wishes }: Bench): Promise<Outcome> => {
    await using tool = startTool(wishes.tool, folder);
    await using drive = await startBenchCluster(folder);
    const path = join(folder, "file.bin");
    await makeFile(path, fileBytes(quick));
    const stored = await uploadFile(drive.url, path, true);
    const bytesOutcome = await raceBytes(drive, path, stored, quick);
    const loadOutcome = await loadQueries(tool, drive, stored, { folder, quick });
    return { rows: [...bytesOutcome.rows, ...loadOutcome.rows], goals: [...bytesOutcome.goals, ...loadOutcome.goals] };
  },
};

async function raceBytes(drive: BenchCluster, path: string, stored: UploadedFile, quick: boolean): Promise<Outcome> {
  const bytes = fileBytes(quick);
  const transfers = await cephTransfers(drive, path, bytes, stored);
  // One group after the other: what was put is written to Ceph's disk for a while yet.
  const downloads = await raced(transfers.download, bytes, quick ? 3 : 15);
  // That of a form has no goal.
  const pushes = await raced(quick ? transfers.push : [...transfers.push, transfers.formPush], bytes, quick ? 2 : 7);
  return {
    rows: [...downloads.rows, ...pushes.rows],
    goals: [
      goalOf("a Ceph object through the front of RGW asked directly", downloads, 0.9),
      goalOf("push of parallel presigned puts", pushes, 0.9),
    ],
  };
}

async function loadQueries(
  tool: LoadTool,
  drive: BenchCluster,
  { file, headers }: UploadedFile,
  { folder, quick }: Pick<Bench, "folder" | "quick">,
): Promise<Outcome> {
  const path = `/file/query?id=${file.id}`;
  const answer = jsonConstant("/file/query", await (await fetch(`${drive.url}${path}`, { headers })).json());
  await using one = await startConstant(folder, "constant-1", answer);
  await using other = await startConstant(folder, "constant-2", answer);
  await using floor = await startFront(folder, [one, other]);
  const targets: Target[] = [
    { name: "bare Hono behind nginx", server: floor, path, headers },
    { name: "query behind nginx, on the cluster", server: drive, path, headers },
  ];
  await untilQuiet(() => drive.usages(), settleMs);
  const rates = targets.map((): number[] => []);
  for (let round = 0; round <= (quick ? 3 : 6); round++) {
    for (const [i, target] of targets.entries()) {
      // The first one warms up: what is run by an interpreter yet says nothing.
      const { perSecond } = await runLoad(tool, target, quick && round > 0 ? 1 : 3);
      if (round > 0) rates[i]?.push(1 / perSecond);
    }
  }
  const ratio = speedRatio(rates[1], rates[0]);
  const rows = targets.map(({ name }, i): Row => {
    return { what: name, "requests/s": Math.round(1 / median(rates[i] ?? [])), "of the limit": speedRatio(rates[i], rates[0]) };
  });
  const goal: Goal = { name: "query behind nginx of bare Hono behind the same nginx", value: ratio, unit: "×", atLeast: 0.8 };
  return { rows, goals: [goal] };
}
