const texts: Record<string, string> = {
  "sha1-mismatch": "The drive got other bytes than this page had read before: the file was changed meanwhile. Try again.",
  "sha1-collision": "The drive holds another content with the same SHA-1, and cannot keep both.",
};

/** Words for the code in an upload's status that says why it failed. */
export function failureText(code: string | undefined): string {
  return texts[code ?? ""] ?? `The drive could not keep the file${code ? ` (${code})` : ""}. Try again.`;
}
