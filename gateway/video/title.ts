import { z } from "@hono/zod-openapi";

import { refusedCharacters } from "#lib/name/mod.ts";

/** Longest title, in characters (code points), as the column has it. */
const maxTitleLength = 200;

/** A video's title: kept in NFC, else as it was sent or not at all, as names are. */
export const titleSchema = z
  .string()
  .transform((text, ctx) => {
    const title = text.normalize("NFC");
    const fault = faultOf(title);
    if (fault === undefined) return title;
    ctx.addIssue({ code: "custom", message: fault });
    return z.NEVER;
  })
  .openapi({
    type: "string",
    description: `1 to ${maxTitleLength} characters in any script, no control characters`,
    example: "The holidays",
  });

function faultOf(title: string): string | undefined {
  const length = Array.from(title).length;
  if (title.trim() === "") return "is empty";
  if (length > maxTitleLength) return `has ${length} characters; at most ${maxTitleLength} are kept`;
  if (!title.isWellFormed()) return "is not well-formed Unicode";
  if (refusedCharacters.test(title)) return "holds control or direction-changing characters";
  return undefined;
}
