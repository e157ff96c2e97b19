const texts: Record<string, string> = {
  "sha1-mismatch": "The drive got other bytes than this page had read before: the file was changed meanwhile. Try again.",
  "sha1-collision": "The drive holds another content with the same SHA-1, and cannot keep both.",
  "url-refused": "The URL leads to where the drive may not go: it fetches from public addresses only.",
  "source-refused": "The server does not give it: it is not there, or not for everybody.",
  "source-failed": "The server could not be read, though it was tried several times.",
  "too-large": "The file is larger than the drive takes.",
  "no-space": "There is no room left for it.",
};

/** Words for the code in an upload's status that says why it failed. */
export function failureText(code: string | undefined): string {
  return texts[code ?? ""] ?? `The drive could not keep the file${code ? ` (${code})` : ""}. Try again.`;
}
