import { S3Client } from "@aws-sdk/client-s3";
import { FetchHttpHandler } from "@smithy/fetch-http-handler";

import type { S3Settings } from "./s3_url.ts";

/** A bucket that requests can be sent to. */
export interface Connection {
  client: S3Client;
  bucket: string;
  /** Ends with a slash, or is empty. */
  prefix: string;
  settings: S3Settings;
}

/** @param ca certificates (PEM) that are trusted instead of the system's. */
export function connect(settings: S3Settings, ca?: string): Connection {
  return {
    client: clientOf(settings, settings.endpoint, ca),
    bucket: settings.bucket,
    prefix: settings.prefix === undefined ? "" : `${settings.prefix}/`,
    settings,
  };
}

/** A client for the bucket at an endpoint, which may be another than the one that requests are sent to. */
export function clientOf(settings: S3Settings, endpoint: string, ca?: string): S3Client {
  const { region, accessKeyId, secretAccessKey, pathStyle, idleTimeout } = settings;
  return new S3Client({
    endpoint,
    region,
    credentials: { accessKeyId, secretAccessKey },
    forcePathStyle: pathStyle,
    // `ask` tries again: the SDK would not, with a deadline for each attempt.
    maxAttempts: 1,
    // Other stores than AWS's refuse what the SDK would add by default (Ceph 16: 411). Bodies are checked by put.ts.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    // Of the handlers, only this one sends a file by sendfile(2), and tells a body that stands still.
    requestHandler: new FetchHttpHandler({ keepAlive: true, customFetch: fetchWith(idleTimeout, ca) }),
  });
}

/**
 * Bun's fetch with its own timer: it runs while bytes could be sent or received and none are, and not while the reader of
 * an answer is the slow one. It does not run while connecting; `ask` sees to that.
 */
function fetchWith(idleMs: number, ca: string | undefined): typeof fetch {
  const init = { timeout: idleMs, ...(ca !== undefined && { tls: { ca } }) };
  const send = async (request: string | URL | Request) => await fetch(request, init);
  return Object.assign(send, { preconnect: fetch.preconnect });
}
