/**
 * Whether all of `text` is as `pattern` says: `*` is any number of characters, `?` is one, all else is itself in either case.
 * Takes time of the product of both lengths at most: of several stars only the last ever goes back.
 */
export function globMatches(pattern: string, text: string): boolean {
  const wanted = Array.from(pattern.toLowerCase());
  const given = Array.from(text.toLowerCase());
  let [w, g] = [0, 0];
  let star = -1;
  let taken = 0;
  while (g < given.length) {
    if (wanted[w] === "*") {
      star = w++;
      taken = g;
    } else if (wanted[w] === "?" || wanted[w] === given[g]) {
      w += 1;
      g += 1;
    } else if (star >= 0) {
      w = star + 1;
      g = ++taken;
    } else {
      return false;
    }
  }
  return wanted.slice(w).every((rest) => rest === "*");
}
