const shape = /^[\p{L}\p{M}\p{N}._-]{3,64}$/u;

/**
 * The one spelling of a username: NFKC, lower case, NFKC again (lower-casing may undo it; Unicode Standard,
 * section 3.13, caseless matching). So `ＡＬＩＣＥ`, `Alice` and `alice` are one user. Nothing when the text cannot be
 * a username: it must have 3 to 64 characters (code points) of letters, marks, digits and `._-`, in any script.
 */
export function normaliseUsername(text: string): string | undefined {
  const folded = text.normalize("NFKC").toLowerCase().normalize("NFKC");
  return shape.test(folded) ? folded : undefined;
}
