import type { Upload } from "#db/uploads.ts";

import type { Context } from "../context.ts";
import type { PeerRequest } from "../peers/peers.ts";
import { type StatusView, statusSchema } from "./schema.ts";

/** Whoever waits for it waits for other events, too. */
const timeoutMs = 2000;

/**
 * Asks the gateway beside an upload's chunks for its status, with the token of the client who is told.
 *
 * @returns `undefined` when that gateway cannot be asked now.
 */
export async function askOwner(
  { peers, log }: Pick<Context, "peers" | "log">,
  { id, node }: Upload,
  client: Pick<PeerRequest, "address" | "requestId"> & { token: string; signal: AbortSignal },
): Promise<StatusView | undefined> {
  const { token, ...who } = client;
  try {
    const answer = await peers.send(node, {
      ...who,
      method: "GET",
      path: `/file/mpupload/status?uploadid=${encodeURIComponent(id)}`,
      headers: new Headers({ authorization: `Bearer ${token}` }),
      body: null,
      signal: AbortSignal.any([client.signal, AbortSignal.timeout(timeoutMs)]),
    });
    return statusSchema.parse(await answer.json());
  } catch (err) {
    log.debug({ err, uploadId: id, requestId: who.requestId }, "another gateway did not say how far an upload is");
    return undefined;
  }
}
