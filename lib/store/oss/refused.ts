import { z } from "zod";

import { RefusedError } from "../remote/refusal.ts";

/** The part of ali-oss's errors that is relied on. They hold the whole request besides, so they go no further than here. */
const answered = z.object({ status: z.number().min(100), code: z.string().optional(), message: z.string().optional() });

/** An error of ali-oss as the store's refusal; one that is none (a fault of the program) as it is. */
export function refused(error: unknown): unknown {
  const read = answered.safeParse(error);
  if (!read.success) return error;
  const { status, code = "UnknownError" } = read.data;
  return new RefusedError({ status, name: code }, `${status} ${code}`);
}
