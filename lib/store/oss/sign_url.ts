import type { SignedUrlOptions } from "../port.ts";
import type { Connection } from "./connection.ts";

/** "The maximum is 604800 seconds (7 days)" (OSS, V4 signature in a URL). */
const maxSeconds = 604_800;

/**
 * A URL for a GET of one object, with any range, until `expiresAt` (seven days at most), at the endpoint that clients reach. No
 * request is made: whether the object is there shows when the URL is used.
 */
export async function signUrl(oss: Connection, key: string, options: SignedUrlOptions): Promise<string> {
  const { expiresAt, contentType, contentDisposition } = options;
  const seconds = Math.min(Math.max(Math.ceil((expiresAt - Date.now()) / 1000), 1), maxSeconds);
  const response = { "content-type": contentType, "content-disposition": contentDisposition };
  return await oss.sign((client) => {
    if (oss.settings.signature === "v1") return client.signatureUrl(key, { expires: seconds, response });
    const queries = Object.fromEntries(Object.entries(response).map(([name, value]) => [`response-${name}`, value]));
    return client.signatureUrlV4("GET", seconds, { queries }, key);
  });
}
