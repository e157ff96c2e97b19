import { z } from "@hono/zod-openapi";

import { AppError } from "#lib/errors/mod.ts";
import { maxNameLength, nameFault } from "#lib/name/mod.ts";

/** A file's name as clients send it; {@link checkName} says whether it can be one. */
export const nameSchema = z
  .string()
  .openapi({ example: "holiday.mp4", description: `1 to ${maxNameLength} characters, no path, no control characters` });

/**
 * The name in its stored form (NFC).
 *
 * @throws {AppError} `invalid-name` when it is empty or too long, or could mean anything but one file's name.
 */
export function checkName(name: string): string {
  const normal = name.normalize("NFC");
  const fault = nameFault(normal);
  if (fault === undefined) return normal;
  throw new AppError("invalid-name", `the name ${JSON.stringify(normal.slice(0, 300))} ${fault}`);
}
