/** Longest name of a file, in characters (code points), as the column has it. */
export const maxNameLength = 255;

// C0 and C1 controls and DEL; line and paragraph separators; the embeddings, overrides and isolates that let
// "exe.gpj" show as "jpg.exe". The marks U+200E and U+200F stay: names in Arabic and Hebrew use them.
export const refusedCharacters = /[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]/u;

/** Why a text, in NFC, cannot be a file's name; `undefined` where it can. */
export function nameFault(name: string): string | undefined {
  const length = Array.from(name).length;
  if (name.trim() === "") return "is empty";
  if (length > maxNameLength) return `has ${length} characters; at most ${maxNameLength} are kept`;
  if (!name.isWellFormed()) return "is not well-formed Unicode";
  if (refusedCharacters.test(name)) return "holds control or direction-changing characters";
  if (/[/\\]/.test(name)) return "holds a slash; send the name without its path";
  if (name === "." || name === "..") return "means a folder";
  return undefined;
}
