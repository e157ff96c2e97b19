import { AppError } from "../errors/mod.ts";

/** A piece of a policy. A `word` is a name, a size or a pattern; what stood in quotes is one, whatever is in it. */
export interface Token {
  kind: "word" | "quoted" | "sign";
  text: string;
}

// The arrow before the words, since a word may hold hyphens.
const token = /\s*(?:(?<sign>->|>=|<=|!=|[;&<>=])|"(?<quoted>[^"]*)"|(?<word>(?:(?!->)[^\s;&<>=!"])+))/y;

/** Cuts a policy or a condition into its pieces. @throws {AppError} `invalid-request` that names what is none. */
export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  const end = text.trimEnd().length;
  for (token.lastIndex = 0; token.lastIndex < end;) {
    const at = token.lastIndex;
    const found = token.exec(text)?.groups;
    if (found === undefined) throw unreadable(text.slice(at).trim());
    const [kind, part] = Object.entries(found).find(([, value]) => value !== undefined) ?? [];
    tokens.push({ kind: kind === "sign" || kind === "quoted" ? kind : "word", text: part ?? "" });
  }
  return tokens;
}

function unreadable(rest: string): AppError {
  const why = rest.startsWith('"') ? "a quotation mark is not closed" : "this is no part of a rule";
  return new AppError("invalid-request", `${why}: ${rest}`);
}
