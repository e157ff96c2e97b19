import { AppError, isAppError } from "../errors/mod.ts";
import { type Condition, conditionOf, isEverything, type Placed, split } from "./condition.ts";
import { storeName } from "./store_name.ts";
import { type Token, tokensOf } from "./tokens.ts";

/** What one rule says: bytes of which `condition` holds are kept in all of `stores`. */
export interface Rule {
  condition: Condition;
  /** The first is read from as long as it can be. */
  stores: string[];
}

/** Rules, of which the first that holds counts. */
export type Policy = Rule[];

/** @throws {AppError} `invalid-request` that names the rule and what is wrong with it. */
export function parsePolicy(text: string): Policy {
  // A semicolon at the end begins no rule.
  const parts = split(tokensOf(text), ";").filter((tokens, at, all) => tokens.length > 0 || at < all.length - 1);
  const everything = parts.findIndex((tokens) => isEverything(split(tokens, "->")[0] ?? []));
  if (everything >= 0 && everything < parts.length - 1)
    throw wrong(`rule ${everything + 2} is never reached: rule ${everything + 1} takes everything`);
  return parts.map((tokens, at) => naming(at + 1, () => ruleOf(tokens)));
}

/** The stores that bytes belong in, the first one first; none where no rule is for them. */
export function placesIn(policy: Policy, what: Placed): string[] {
  return policy.find(({ condition }) => condition(what))?.stores ?? [];
}

function ruleOf(tokens: Token[]): Rule {
  const [condition = [], stores, ...more] = split(tokens, "->");
  if (stores === undefined || more.length > 0) throw wrong("must be a condition, one ->, and the stores, such as *.log -> hot");
  return { condition: conditionOf(condition), stores: storesOf(stores) };
}

function storesOf(tokens: Token[]): string[] {
  const names = tokens.map(({ text }) => text).join(" ");
  const stores = names.split("+").map((name) => name.trim());
  for (const [at, name] of stores.entries()) {
    if (!storeName.test(name)) throw wrong(`"${names}" must be the name of a store, or several joined by +`);
    if (stores.indexOf(name) !== at) throw wrong(`the store "${name}" is named twice`);
  }
  return stores;
}

function naming<T>(rule: number, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!isAppError(error, "invalid-request")) throw error;
    throw wrong(`rule ${rule}: ${error.message}`);
  }
}

function wrong(problem: string): AppError {
  return new AppError("invalid-request", problem);
}
