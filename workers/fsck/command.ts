import { parseArgs } from "node:util";

import { AppError } from "#lib/errors/mod.ts";

import type { WorkerContext } from "../context.ts";
import { fsck, type FsckOptions } from "./fsck.ts";
import { createReport, exitCodeOf, type Finding, type Summary } from "./report.ts";

/** @throws {AppError} `invalid-request` for what it does not know. */
export function parseFsckArgs(args: string[]): FsckOptions & { isJson: boolean } {
  try {
    const flag = { type: "boolean", default: false } as const;
    const { values } = parseArgs({ args, options: { repair: flag, deep: flag, json: flag } });
    return { isRepair: values.repair, isDeep: values.deep, isJson: values.json };
  } catch (error) {
    throw new AppError("invalid-request", `fsck: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

/**
 * `fsck [--repair] [--deep] [--json]`: writes a line for each finding, as it is found, and one that sums up.
 *
 * @returns the exit code.
 */
export async function fsckCommand(
  ctx: WorkerContext,
  { isJson, ...options }: FsckOptions & { isJson: boolean },
  write: (line: string) => void,
  signal: AbortSignal,
): Promise<number> {
  const report = createReport((finding) => write(isJson ? JSON.stringify(finding) : describe(finding)));
  await fsck({ ctx, options, report, signal });
  const { summary } = report;
  write(isJson ? JSON.stringify({ summary }) : sum(summary));
  return exitCodeOf(summary);
}

const repairs = { done: "repaired", possible: "--repair would help", none: "a person has to see to it" };

function describe({ kind, store, key, blobId, detail, repair }: Finding): string {
  const where = [store, key ?? (blobId && `blob ${blobId}`)].filter(Boolean).join(" ");
  return `${kind}  ${where}: ${detail} (${repairs[repair]})`;
}

function sum({ blobs, objects, bytes, findings, repaired, young, strangers, errors }: Summary): string {
  const read = bytes > 0 ? `, ${bytes} bytes read` : "";
  const others = `${young} objects too young to tell, ${strangers} that are not Sluice's`;
  const counted = `${blobs} blobs, ${objects} objects${read}; ${others}\n${findings} findings, ${repaired} repaired`;
  return [counted, ...errors.map((error) => `could not be looked at: ${error}`)].join("\n");
}
