import { z } from "@hono/zod-openapi";

import type { Code } from "#lib/errors/mod.ts";

import { problems } from "./problem.ts";

/** The problem document of RFC 9457, as every error is answered. */
export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string(),
    instance: z.string(),
  })
  .openapi("Problem");

const problemContent = { "application/problem+json": { schema: problemSchema } };

/** A JSON answer, for a route's `responses`. */
export function json<T extends z.ZodType>(schema: T, description: string) {
  return { description, content: { "application/json": { schema } } };
}

/** The JSON body of a request, for a route's `request.body`. */
export function jsonBody<T extends z.ZodType>(schema: T) {
  return { required: true, content: { "application/json": { schema } } };
}

/** The errors of a route, for its `responses`: `...errors("not-found", "name-taken")`. */
export function errors(...codes: Code[]): Record<string, { description: string; content: typeof problemContent }> {
  const byStatus = Map.groupBy(codes, (code) => String(problems[code][0]));
  return Object.fromEntries(
    [...byStatus].map(([status, same]) => [
      status,
      { description: same.map((c) => `\`${c}\``).join(", "), content: problemContent },
    ]),
  );
}

/** Marks a route that needs an access token. */
export const bearer = [{ bearer: [] as string[] }];
