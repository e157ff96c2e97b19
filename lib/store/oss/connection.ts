import OSS from "ali-oss";

import { type Credentials, credentialsOf } from "./credentials.ts";
import type { OssSettings } from "./oss_url.ts";
import { refused } from "./refused.ts";
import { transportOf } from "./transport.ts";

/** A bucket that requests can be sent to. */
export interface Connection {
  settings: OssSettings;
  /** Ends with a slash, or is empty. */
  prefix: string;
  /**
   * Asks the bucket something, once: `say` makes one call of ali-oss, whose request ends with the signal. `body` is sent in place of
   * what that call is given.
   *
   * @throws what the connection failed with, or the store's refusal, without the request.
   */
  ask<T>(sending: { signal: AbortSignal; body?: Blob }, say: (client: OSS) => Promise<T>): Promise<T>;
  /** Signs for the endpoint that clients reach; nothing is sent. */
  sign<T>(say: (client: OSS) => T | Promise<T>): Promise<T>;
}

/** @param ca certificates (PEM) that are trusted instead of the system's. */
export function connect(settings: OssSettings, ca?: string): Connection {
  const { endpoint, internal = endpoint, idleTimeout } = settings;
  const current = credentialsOf(settings);
  return {
    settings,
    prefix: settings.prefix === undefined ? "" : `${settings.prefix}/`,
    async ask({ signal, body }, say) {
      const transport = transportOf({ signal, body, ca, idleMs: idleTimeout });
      try {
        const options = { ...optionsOf(settings, internal, await current()), urllib: transport };
        return await say(new OSS(options));
      } catch (error) {
        throw transport.failure() ?? refused(error);
      }
    },
    async sign(say) {
      return await say(new OSS(optionsOf(settings, endpoint, await current())));
    },
  };
}

/** A client is a handful of fields, so each request has its own: that is how it gets its signal, and the credentials of this moment. */
function optionsOf(settings: OssSettings, endpoint: string, credentials: Credentials): OSS.Options & { sldEnable: boolean } {
  const { bucket, region, signature, pathStyle } = settings;
  const { securityToken, ...key } = credentials;
  return {
    ...key,
    endpoint,
    bucket,
    ...(region !== undefined && { region }),
    authorizationV4: signature === "v4",
    sldEnable: pathStyle,
    ...(securityToken !== undefined && {
      stsToken: securityToken,
      // Never asked, for a client does not live so long; without it each client writes a warning to the log.
      refreshSTSToken: async () => ({ ...key, stsToken: securityToken }),
    }),
  };
}
