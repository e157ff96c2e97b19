import { readFileSync } from "node:fs";

import type { z } from "zod";

import { AppError, systemCode } from "../errors/mod.ts";
import { type Config, configSchema } from "./schema.ts";

type Environment = Record<string, string | undefined>;

/**
 * Parses the environment, once, in a `main.ts`. An empty variable counts as not set. Any variable may stand in a file
 * instead, named by the variable with `_FILE` behind it: that is how containers are given secrets.
 *
 * @throws {AppError} `invalid-request` that names each wrong variable, and never its value if that may be a secret.
 */
export function parseConfig(env: Environment): Config {
  const known = Object.keys(configSchema.shape);
  const set = Object.fromEntries(
    known.flatMap((name) => {
      const value = valueOf(env, name);
      return value ? [[name, value]] : [];
    }),
  );
  const result = configSchema.safeParse(set);
  if (result.success) return result.data;
  throw new AppError("invalid-request", `the configuration is wrong:\n${describe(result.error)}`);
}

function valueOf(env: Environment, name: string): string | undefined {
  const path = env[`${name}_FILE`];
  if (!path) return env[name];
  if (env[name]) throw new AppError("invalid-request", `${name} and ${name}_FILE are both set; set one of them`);
  return readSecret(name, path);
}

/** Editors and `echo` end a file with a line break, which is no part of the secret. */
function readSecret(name: string, path: string): string {
  try {
    return readFileSync(path, "utf8").replace(/\r?\n$/, "");
  } catch (error) {
    throw new AppError("invalid-request", `${name}_FILE: ${path} cannot be read (${systemCode(error)})`, { cause: error });
  }
}

function describe(error: z.ZodError): string {
  return error.issues.map((issue) => `  ${issue.path.join(".")}: ${issue.message}`).join("\n");
}
