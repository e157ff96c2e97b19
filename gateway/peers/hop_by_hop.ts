/**
 * RFC 9110, 7.6.1: "Intermediaries are expected to remove […] Proxy-Connection, Keep-Alive, TE, Transfer-Encoding, Upgrade".
 * RFC 9110, 11.7.1 and 11.7.2 add the proxies' own authentication.
 */
const fixed = [
  "connection",
  "proxy-connection",
  "keep-alive",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "proxy-authenticate",
  "proxy-authorization",
];

/** A copy of the headers that go on: all but those of this one connection, and those that `Connection` names. */
export function endToEnd(headers: Headers): Headers {
  const named = (headers.get("connection") ?? "").split(",").map((name) => name.trim().toLowerCase());
  const kept = new Headers(headers);
  for (const name of [...fixed, ...named]) if (isToken(name)) kept.delete(name);
  return kept;
}

/** RFC 9110, 5.6.2. `Headers` throws on any other name. */
function isToken(name: string): boolean {
  return /^[\w!#$%&'*+.^`|~-]+$/.test(name);
}
