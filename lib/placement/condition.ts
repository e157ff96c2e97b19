import { byteSize } from "../config/units.ts";
import { AppError } from "../errors/mod.ts";
import { globMatches } from "./glob.ts";
import { type Token, tokensOf } from "./tokens.ts";

/** What is known of bytes that are to be placed. */
export interface Placed {
  /** Of a file that has them. */
  name: string;
  /** Media type. */
  type: string;
  /** Bytes. */
  size: number;
}

export type Condition = (what: Placed) => boolean;

const comparisons: Record<string, (a: number, b: number) => boolean> = {
  ">=": (a, b) => a >= b,
  "<=": (a, b) => a <= b,
  ">": (a, b) => a > b,
  "<": (a, b) => a < b,
  "=": (a, b) => a === b,
  "!=": (a, b) => a !== b,
};

/** @throws {AppError} `invalid-request` that says what is wrong. */
export function parseCondition(text: string): Condition {
  return conditionOf(tokensOf(text));
}

/** @throws {AppError} `invalid-request`. */
export function conditionOf(tokens: Token[]): Condition {
  const tests = split(tokens, "&").map(testOf);
  return (what) => tests.every((test) => test(what));
}

/** Whether a condition is `*` alone, which holds for everything. */
export function isEverything(tokens: Token[]): boolean {
  return tokens.length === 1 && tokens[0]?.kind === "word" && tokens[0].text === "*";
}

/** Cuts at each `sign`. */
export function split(tokens: Token[], sign: string): Token[][] {
  const parts: Token[][] = [[]];
  for (const token of tokens) {
    if (token.kind === "sign" && token.text === sign) parts.push([]);
    else parts.at(-1)?.push(token);
  }
  return parts;
}

function testOf(tokens: Token[]): Condition {
  const [subject, sign, value, ...rest] = tokens;
  if (subject === undefined) throw wrong("a test is missing: must be such as size>=1GiB, type=video/* or *.log");
  if (sign === undefined) return bareTest(subject);
  if (value === undefined || rest.length > 0 || subject.kind !== "word" || value.kind === "sign") throw wrongTest(tokens);
  if (subject.text === "size") return sizeTest(sign, value.text);
  if (subject.text === "type" || subject.text === "name") return patternTest(subject.text, sign, value.text);
  throw wrong(`there is nothing called "${subject.text}": must be size, type or name`);
}

function bareTest({ kind, text }: Token): Condition {
  if (kind === "sign") throw wrongTest([{ kind, text }]);
  // A word alone is more likely a slip (a store's name, a missing sign) than the name of one file.
  if (kind === "word" && !/[*?]/.test(text)) throw wrong(`"${text}" is no test: a name without * or ? is written name=${text}`);
  return (what) => globMatches(text, what.name);
}

function sizeTest(sign: Token, text: string): Condition {
  const compare = sign.kind === "sign" ? comparisons[sign.text] : undefined;
  const size = byteSize.safeParse(text);
  if (compare === undefined) throw wrong(`size is compared by >= > <= < = or !=, not by "${sign.text}"`);
  if (!size.success) throw wrong(size.error.issues[0]?.message ?? `"${text}" is not a size`);
  return (what) => compare(what.size, size.data);
}

function patternTest(subject: "type" | "name", sign: Token, pattern: string): Condition {
  if (sign.kind !== "sign" || !["=", "!="].includes(sign.text))
    throw wrong(`${subject} is compared by = or !=, not by "${sign.text}"`);
  const isWanted = sign.text === "=";
  return (what) => globMatches(pattern, what[subject]) === isWanted;
}

function wrongTest(tokens: Token[]): AppError {
  const text = tokens.map((token) => token.text).join(" ");
  return wrong(`"${text}" is no test: must be such as size>=1GiB, type=video/* or *.log, joined by &`);
}

function wrong(problem: string): AppError {
  return new AppError("invalid-request", problem);
}
