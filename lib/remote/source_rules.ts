import { isIPv4, isIPv6 } from "node:net";

import { AppError } from "../errors/mod.ts";
import { isPrivateName } from "./private_name.ts";
import { isPublicAddress, networks } from "./public_address.ts";

/** What may be fetched. */
export interface SourceRules {
  /**
   * The URL that a text is, as it may be asked for: `http` or `https`, a port that is allowed, no credentials, an address
   * that is allowed where the host is one, and no private name where nothing private is allowed. The WHATWG parser has made
   * `0x7f.1` and `2130706433` what they mean by then.
   *
   * @param base what the text may be relative to: of a redirect.
   * @throws {AppError} `url-refused`.
   */
  parse(text: string, base?: URL): URL;
  /** Whether a connection to an address may be made. */
  mayReach(address: string): boolean;
}

export interface SourceRulesOptions {
  /** Addresses and networks beside the public ones. */
  allow: string[];
  /** Ports beside 80 and 443. */
  ports: number[];
}

/** Longest URL, in characters, in its percent-encoded form. */
export const maxUrlLength = 2048;

export function sourceRules({ allow, ports }: SourceRulesOptions): SourceRules {
  const allowed = networks(allow);
  const mayAsk = new Set([80, 443, ...ports]);
  const mayReach = (address: string) => {
    if (isPublicAddress(address)) return true;
    return isIPv4(address) ? allowed.check(address, "ipv4") : isIPv6(address) && allowed.check(address, "ipv6");
  };
  return {
    mayReach,
    parse(text, base) {
      const url = URL.parse(text, base?.href);
      if (url === null) throw refused("it is no absolute URL");
      if (url.protocol !== "http:" && url.protocol !== "https:") throw refused(`${url.protocol} is neither http: nor https:`);
      if (url.username !== "" || url.password !== "") throw refused("it holds credentials");
      if (!mayAsk.has(portOf(url))) throw refused(`port ${portOf(url)} of ${url.hostname} is not asked`);
      const address = addressOf(url);
      if (address !== null && !mayReach(address)) throw refused(`${address} is no public address`);
      // Without a name server that knows it, it would else be taken for one that may be found later.
      if (address === null && allow.length === 0 && isPrivateName(url.hostname))
        throw refused(`${url.hostname} is no public name`);
      url.hash = "";
      const { length } = url.href;
      if (length > maxUrlLength) throw refused(`it has ${length} characters, percent-encoded; at most ${maxUrlLength} are taken`);
      return url;
    },
  };
}

/** The port that a URL names, or its scheme's. */
export function portOf({ port, protocol }: URL): number {
  return port === "" ? (protocol === "https:" ? 443 : 80) : Number(port);
}

/** The address that a URL's host is; `null` for a name. */
export function addressOf({ hostname }: URL): string | null {
  const host = hostname.replace(/^\[(.*)\]$/, "$1");
  return isIPv4(host) || isIPv6(host) ? host : null;
}

/** Without its path and query, which may hold a secret: what is refused is also logged. */
function refused(why: string): AppError {
  return new AppError("url-refused", `the URL may not be fetched: ${why}`);
}
