import { z } from "@hono/zod-openapi";

import { maxNameLength } from "#db/names.ts";
import { AppError } from "#lib/errors/mod.ts";

/** A file's name as clients send it; {@link checkName} says whether it can be one. */
export const nameSchema = z
  .string()
  .openapi({ example: "holiday.mp4", description: `1 to ${maxNameLength} characters, no path, no control characters` });

// C0 and C1 controls and DEL; line and paragraph separators; the embeddings, overrides and isolates that let
// "exe.gpj" show as "jpg.exe". The marks U+200E and U+200F stay: names in Arabic and Hebrew use them.
export const refused = /[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]/u;

/**
 * The name in its stored form (NFC).
 *
 * @throws {AppError} `invalid-name` when it is empty or too long, or could mean anything but one file's name.
 */
export function checkName(name: string): string {
  const normal = name.normalize("NFC");
  const say = (what: string) => new AppError("invalid-name", `the name ${JSON.stringify(normal.slice(0, 300))} ${what}`);
  const length = Array.from(normal).length;
  if (normal.trim() === "") throw say("is empty");
  if (length > maxNameLength) throw say(`has ${length} characters; at most ${maxNameLength} are kept`);
  if (!normal.isWellFormed()) throw say("is not well-formed Unicode");
  if (refused.test(normal)) throw say("holds control or direction-changing characters");
  if (/[/\\]/.test(normal)) throw say("holds a slash; send the name without its path");
  if (normal === "." || normal === "..") throw say("means a folder");
  return normal;
}
