import { z } from "zod";

import { type Result, resultSchema } from "./schema.ts";

/** Reads what `--json` wrote. @throws {Error} that names the file, when it is none of this version. */
export async function readResult(path: string): Promise<Result> {
  const parsed = resultSchema.safeParse(await Bun.file(path).json());
  if (parsed.success) return parsed.data;
  throw new Error(`${path} is no result of this bench:\n${z.prettifyError(parsed.error)}`);
}
