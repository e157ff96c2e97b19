import { systemCode } from "../errors/mod.ts";

/**
 * The same error without what ioredis hangs on it: a reply's error has the command with all its arguments, which for the
 * first of a connection are user and password, and a logger writes every member of an error.
 */
export function plainError(error: unknown): Error {
  if (!(error instanceof Error)) return new Error(String(error));
  const plain = new Error(error.message);
  plain.name = error.name;
  const code = systemCode(error);
  return code === undefined ? plain : Object.assign(plain, { code });
}
