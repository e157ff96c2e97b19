import type { IncomingMessage } from "node:http";

import { AppError, isAppError } from "../errors/mod.ts";
import { requestOnce } from "./request_once.ts";
import { type Lookup, resolve, systemLookup } from "./resolve.ts";
import { sourceRules, type SourceRulesOptions } from "./source_rules.ts";
import { timedBody } from "./timed_body.ts";

/** The head of an answer, and its bytes. */
export interface RemoteAnswer extends Disposable {
  status: number;
  /** Where it came from in the end. */
  url: URL;
  /** A field of its head; what it says twice is joined as RFC 9110, 5.2, has it, or the first where that means nothing. */
  field: (name: string) => string | undefined;
  /** To be read once, or not at all: disposing of the answer ends the connection. */
  body: AsyncIterable<Uint8Array>;
}

/** Servers out there, as far as they may be asked. */
export interface Remote {
  /**
   * Whether a URL may be asked for, as it looks now.
   *
   * @throws {AppError} `url-refused`; `source-failed` when its name is not found.
   */
  check(text: string, signal: AbortSignal): Promise<URL>;
  /** Only what can be told without a name server. @throws {AppError} `url-refused`. */
  parse(text: string): URL;
  /**
   * GETs a URL, through redirects, each of which must be allowed as the first.
   *
   * @throws {AppError} `url-refused`; `source-failed` when no answer comes, which may be otherwise the next time;
   *   `source-refused` when it would be no use to ask again.
   */
  open(url: URL, headers: Record<string, string>, signal: AbortSignal): Promise<RemoteAnswer>;
}

export interface RemoteOptions extends SourceRulesOptions {
  /** To be connected, milliseconds. */
  connectMs: number;
  /** Longest silence, milliseconds. */
  idleMs: number;
  lookup?: Lookup;
  /** Certificates (PEM) to be trusted instead of the system's. */
  ca?: string;
}

const maxRedirects = 5;
/** Of a name's addresses so many are tried. */
const maxAddresses = 4;
const redirects = new Set([301, 302, 303, 307, 308]);
const identity = { accept: "*/*", "accept-encoding": "identity", "user-agent": "Sluice" };

export function createRemote(options: RemoteOptions): Remote {
  const rules = sourceRules(options);
  const { connectMs, idleMs, ca, lookup = systemLookup } = options;

  async function ask(url: URL, headers: Record<string, string>, signal: AbortSignal): Promise<IncomingMessage> {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(connectMs)]);
    const addresses = await resolve(url, rules, lookup, limit).catch((error: unknown) => {
      signal.throwIfAborted();
      throw limit.aborted ? new AppError("source-failed", `${url.host} was not looked up within ${connectMs} ms`) : error;
    });
    let last: unknown;
    for (const address of addresses.slice(0, maxAddresses)) {
      try {
        return await requestOnce({ url, address, headers, rules, connectMs, answerMs: idleMs, ca, signal });
      } catch (error) {
        if (!isAppError(error, "source-failed")) throw error;
        last = error;
      }
    }
    throw last;
  }

  return {
    parse: (text) => rules.parse(text),
    async check(text, signal) {
      const url = rules.parse(text);
      await resolve(url, rules, lookup, signal);
      return url;
    },
    async open(asked, headers, signal) {
      let url = asked;
      for (let hops = 0; hops <= maxRedirects; hops++) {
        const answer = await ask(url, { ...identity, ...headers }, signal);
        const next = redirectOf(answer);
        if (next === undefined) return answerOf(answer, { url, idleMs, signal });
        answer.destroy();
        url = rules.parse(next, url);
      }
      throw new AppError("source-refused", `${asked.host} redirects more than ${maxRedirects} times`);
    },
  };
}

function redirectOf({ statusCode, headers }: IncomingMessage): string | undefined {
  return redirects.has(statusCode ?? 0) ? headers.location : undefined;
}

function answerOf(answer: IncomingMessage, timed: { url: URL; idleMs: number; signal: AbortSignal }): RemoteAnswer {
  return {
    status: answer.statusCode ?? 0,
    url: timed.url,
    field: (name) => {
      const value = answer.headers[name];
      return Array.isArray(value) ? value[0] : value;
    },
    body: timedBody(answer, timed),
    [Symbol.dispose]: () => void answer.destroy(),
  };
}
