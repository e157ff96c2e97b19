type ElementClass<T extends Element> = abstract new (...args: never[]) => T;

/**
 * The element that `selector` names below `root`, as the class that it must be of.
 *
 * @throws {Error} When the page has none: page and script do not belong together.
 */
export function find<T extends Element>(root: ParentNode, selector: string, type: ElementClass<T>): T {
  const element = root.querySelector(selector);
  if (element instanceof type) return element;
  throw new Error(`the page has no ${type.name} "${selector}"`);
}
