import type { Answered } from "./route_case.ts";

/** The JSON of an answer. @throws {Error} unless it holds `wanted`: of objects each field named there, of all else the very same. */
export function expectJson(answer: Answered, wanted: object): Record<string, unknown> {
  const text = Buffer.from(answer.body).toString();
  const found: Record<string, unknown> = JSON.parse(text);
  if (!Bun.deepEquals(cutTo(found, wanted), wanted)) throw new Error(`it is ${text}, must hold ${JSON.stringify(wanted)}`);
  return found;
}

/** @throws {Error} unless they are the same; `what` says of what. */
export function expectSame(what: string, found: unknown, wanted: unknown): void {
  if (!Bun.deepEquals(found, wanted)) throw new Error(`${what} is ${Bun.inspect(found)}, must be ${Bun.inspect(wanted)}`);
}

/** @throws {Error} unless the text of an answer is as wanted. */
export function expectText(answer: Answered, wanted: RegExp): void {
  const text = Buffer.from(answer.body).toString();
  if (!wanted.test(text)) throw new Error(`it is ${JSON.stringify(text.slice(0, 500))}, must match ${wanted}`);
}

function cutTo(found: unknown, wanted: unknown): unknown {
  if (!isObject(found) || !isObject(wanted)) return found;
  return Object.fromEntries(Object.keys(wanted).map((key) => [key, cutTo(found[key], wanted[key])]));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
