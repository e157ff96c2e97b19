/** What a signature is computed of. */
export interface SignedRequest {
  method: string;
  /** Lower-case names. */
  headers: Map<string, string>;
  /** `null` where nothing is addressed but the service or the bucket. */
  bucket: string | null;
  key: string | null;
  /** Decoded; `null` for a name without "=". */
  query: Map<string, string | null>;
}

/** Reads the query of a URL as it was written: `?uploads` and `?uploads=` are told apart. */
export function queryOf(search: string): Map<string, string | null> {
  const decode = (text: string) => decodeURIComponent(text.replaceAll("+", " "));
  const pairs = search.replace(/^\?/, "").split("&").filter(Boolean);
  return new Map(
    pairs.map((pair): [string, string | null] => {
      const at = pair.indexOf("=");
      return at < 0 ? [decode(pair), null] : [decode(pair.slice(0, at)), decode(pair.slice(at + 1))];
    }),
  );
}

/** Names in the order of their bytes, as both signatures want them. */
export function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
