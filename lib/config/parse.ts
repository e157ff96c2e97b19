import type { z } from "zod";

import { AppError } from "../errors/mod.ts";
import { type Config, configSchema } from "./schema.ts";

/**
 * Parses the environment, once, in a `main.ts`. An empty variable counts as not set.
 *
 * @throws {AppError} `invalid-request` that names each wrong variable, and never its value if that may be a secret.
 */
export function parseConfig(env: Record<string, string | undefined>): Config {
  const known = Object.keys(configSchema.shape);
  const set = Object.fromEntries(known.flatMap((name) => (env[name] ? [[name, env[name]]] : [])));
  const result = configSchema.safeParse(set);
  if (result.success) return result.data;
  throw new AppError("invalid-request", `the configuration is wrong:\n${describe(result.error)}`);
}

function describe(error: z.ZodError): string {
  return error.issues.map((issue) => `  ${issue.path.join(".")}: ${issue.message}`).join("\n");
}
