import type { Context as Call } from "hono";

import { isRoutingKey, newId, newRoutedId } from "#lib/id/mod.ts";

import type { Env } from "../router.ts";

/** The key by which the front finds this gateway again, where it has sent one: the ids of uploads end in it. */
export function routingKeyOf(c: Call<Env>): string | undefined {
  const key = c.env.isProxied ? c.req.header("x-upload-key") : undefined;
  return key !== undefined && isRoutingKey(key) ? key : undefined;
}

/** The id of a new upload. */
export function newUploadId(routingKey: string | undefined, now: number): string {
  return routingKey === undefined ? newId(now) : newRoutedId(routingKey, now);
}
