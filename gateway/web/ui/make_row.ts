import { find } from "./find.ts";

/** A new list item from the template with that id. */
export function makeRow(templateId: string): HTMLLIElement {
  const template = find(document, `#${templateId}`, HTMLTemplateElement);
  const copy = document.importNode(template.content, true);
  return find(copy, "li", HTMLLIElement);
}
