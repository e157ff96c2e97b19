/** A range of an object, both ends included. */
export interface Span {
  from: number;
  to: number;
}

/**
 * The one range of a `Range` header. As OSS has it ("GetObject"), one that is not understood or lies outside gives the whole
 * object, unless `x-oss-range-behavior: standard` was said: then it is `"unsatisfiable"`.
 */
export function rangeOf(headers: Map<string, string>, size: number): Span | "unsatisfiable" | null {
  const text = headers.get("range");
  const [whole, first = "", last = ""] = /^bytes=(\d*)-(\d*)$/.exec(text ?? "") ?? [];
  if (whole === undefined || (first === "" && last === "")) return null;
  const from = first === "" ? Math.max(size - Number(last), 0) : Number(first);
  const to = first === "" || last === "" ? size - 1 : Math.min(Number(last), size - 1);
  if (from <= to && from < size) return { from, to };
  return headers.get("x-oss-range-behavior") === "standard" ? "unsatisfiable" : null;
}
