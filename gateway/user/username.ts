const shape = /^[\p{L}\p{M}\p{N}._-]{3,64}$/u;

/**
 * The one spelling of a username: NFKC, case-folded, NFKC again (folding may undo it; Unicode Standard, section 3.13,
 * caseless matching). So `ＡＬＩＣＥ`, `Alice` and `alice` are one user, and so are `STRASSE` and `straße`. Nothing when the
 * text cannot be a username: it must have 3 to 64 characters (code points) of letters, marks, digits and `._-`, in any script.
 */
export function normaliseUsername(text: string): string | undefined {
  const folded = foldCase(text.normalize("NFKC")).normalize("NFKC");
  return shape.test(folded) ? folded : undefined;
}

/**
 * JavaScript has no case folding, and lower case is not it: `ß` is folded to `ss` as `SS` is, and `ς` to `σ`. By way of upper
 * case all that differ in case alone become one; not so `ı`, whose upper case is that of `i` as well.
 */
function foldCase(text: string): string {
  return text.split("ı").map(byUpperCase).join("ı");
}

// Lower case first, for `ẞ` has no upper case: that of `ß` is `SS`.
function byUpperCase(text: string): string {
  return text.toLowerCase().toUpperCase().toLowerCase().replaceAll("ς", "σ");
}
