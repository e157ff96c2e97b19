/**
 * A name for use within a sentence: what it holds of right-to-left letters or overrides does not turn the rest around
 * (Unicode UAX 9, section 2.4.2: FSI … PDI).
 */
export function isolate(name: string): string {
  return `\u2068${name}\u2069`;
}
