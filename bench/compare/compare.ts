import type { CompareOptions } from "../options.ts";
import { tableReport } from "../render/table.ts";
import { readResult } from "../result/read_result.ts";
import { tempFolder } from "../support/temp_folder.ts";
import { compareRefs } from "./compare_refs.ts";
import { compareResults } from "./compare_results.ts";
import { type Compared, comparedRow } from "./compared.ts";

const diskBytes = 4e9;

/** Compares two results, or two git refs, and tells each ratio. @returns the exit code: 1 when something is worse. */
export async function compare(options: CompareOptions): Promise<number> {
  const areFiles = await Promise.all([options.a, options.b].map((path) => Bun.file(path).exists()));
  if (areFiles[0] !== areFiles[1]) throw new Error(`${options.a} and ${options.b} must both be files, or both git refs`);
  const lines = areFiles[0] ? await ofFiles(options) : await ofRefs(options);
  if (lines.length === 0) throw new Error("there is nothing that both have measured");
  process.stdout.write(tableReport({ rows: lines.map(comparedRow), goals: [] }));
  const worse = lines.filter(({ isWorse }) => isWorse).length;
  process.stdout.write(`\n${worse} of ${lines.length} are worse: below ${options.threshold} of A, best run below A's worst\n`);
  return worse > 0 ? 1 : 0;
}

async function ofFiles({ a, b, threshold, by }: CompareOptions): Promise<Compared[]> {
  return compareResults(await readResult(a), await readResult(b), { threshold, by });
}

async function ofRefs({ a, b, threshold, wishes }: CompareOptions): Promise<Compared[]> {
  await using folder = await tempFolder(diskBytes);
  return await compareRefs({ a, b, threshold, wishes, folder: folder.path, log });
}

/** To stderr, for stdout is the table's. */
function log(line: string): void {
  process.stderr.write(`  ${line}\n`);
}
