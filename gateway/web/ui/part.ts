import { find } from "./find.ts";

type ElementClass<T extends Element> = abstract new (...args: never[]) => T;

/** The part of a row that its template names `data-part`. */
export function part<T extends Element>(row: ParentNode, name: string, type: ElementClass<T>): T {
  return find(row, `[data-part="${name}"]`, type);
}
