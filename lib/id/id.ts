import { monotonicFactory } from "ulid";

const next = monotonicFactory();

/** A new ULID (26 characters of Crockford's base 32), greater than every one that this process made before. */
export function newId(now: number = Date.now()): string {
  return next(now);
}

/** Whether `text` has the shape of an id: asked before it becomes part of a path. */
export function isId(text: string): boolean {
  return /^[0-9A-HJKMNP-TV-Z]{26}$/.test(text);
}
