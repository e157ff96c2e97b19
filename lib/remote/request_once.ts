import http, { type IncomingMessage } from "node:http";
import https from "node:https";

import { AppError, systemCode } from "../errors/mod.ts";
import { addressOf, portOf, type SourceRules } from "./source_rules.ts";

/** One GET to one address. Times in milliseconds. */
export interface OneRequest {
  url: URL;
  /** Where to connect: the name in the URL is for the server, and for its certificate. */
  address: string;
  headers: Record<string, string>;
  rules: SourceRules;
  /** To be connected, TLS included. */
  connectMs: number;
  /** From then on until the head of the answer is there. */
  answerMs: number;
  /** Certificates (PEM) to be trusted instead of the system's. */
  ca?: string | undefined;
  signal: AbortSignal;
}

/**
 * Asks once, by node:http and not by `fetch`: that would obey `HTTP_PROXY`, and looks names up by itself. Follows nothing and
 * decodes nothing. Who gets the answer reads or destroys it.
 *
 * @throws {AppError} `source-failed` when no answer comes, `source-refused` for a certificate that is not good, `url-refused`
 *   when the connection turns out to lead elsewhere.
 */
export async function requestOnce(one: OneRequest): Promise<IncomingMessage> {
  const { url, address, headers, signal, ca } = one;
  signal.throwIfAborted();
  const over = new AbortController();
  const answered = Promise.withResolvers<IncomingMessage>();
  const request = (url.protocol === "https:" ? https : http).request({
    host: address,
    port: portOf(url),
    path: url.pathname + url.search,
    headers: { ...headers, host: url.host },
    // RFC 6066, section 3: a server name is no address, nor does it end in a dot.
    ...(addressOf(url) === null && { servername: url.hostname.replace(/\.$/, "") }),
    ...(ca !== undefined && { ca }),
    // Whatever NODE_TLS_REJECT_UNAUTHORIZED says.
    rejectUnauthorized: true,
    // No connection is used twice.
    agent: false,
    signal: AbortSignal.any([signal, over.signal]),
  });
  let timer = setTimeout(() => over.abort(silent(url, "was not reached", one.connectMs)), one.connectMs);
  request.on("socket", (socket) => {
    socket.once(url.protocol === "https:" ? "secureConnect" : "connect", () => {
      clearTimeout(timer);
      const peer = socket.remoteAddress ?? "";
      if (!one.rules.mayReach(peer))
        return over.abort(
          new AppError("url-refused", `the URL may not be fetched: ${url.hostname} led to ${peer}, no public address`),
        );
      timer = setTimeout(() => over.abort(silent(url, "did not answer", one.answerMs)), one.answerMs);
    });
  });
  request.on("response", answered.resolve);
  // 101 to a GET that asked for none.
  request.on("upgrade", (_, socket) => {
    socket.destroy();
    answered.reject(new AppError("source-failed", `${url.host} changed the protocol`));
  });
  // Stays: what comes after the answer's head is told to its reader, too.
  request.on("error", answered.reject);
  request.end();
  try {
    return await answered.promise;
  } catch (error) {
    signal.throwIfAborted();
    over.signal.throwIfAborted();
    throw asSourceError(url, error);
  } finally {
    clearTimeout(timer);
  }
}

function silent({ host }: URL, what: string, ms: number): AppError {
  return new AppError("source-failed", `${host} ${what} within ${ms} ms`);
}

/** What went wrong between here and there. A certificate does not get better by asking again. */
export function asSourceError({ host }: URL, cause: unknown): AppError {
  if (cause instanceof AppError) return cause;
  const code = systemCode(cause) ?? "no reason";
  if (/CERT|SELF_SIGNED|UNABLE_TO_/.test(code))
    return new AppError("source-refused", `the certificate of ${host} is not good (${code})`, { cause });
  return new AppError("source-failed", `${host}: ${code}`, { cause });
}
