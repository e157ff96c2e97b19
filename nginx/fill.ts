/** What a template is filled with: a list repeats its section, what is empty, false or absent leaves it out. */
export type Fillable = string | number | boolean | undefined | Fillable[] | { [name: string]: Fillable };

/**
 * Fills a template: `{{name}}` is a value; `{{#name}}` … `{{/name}}`, each on a line of its own, is a section, and `{{^name}}`
 * one for when there is none. In a section over a list `{{.}}` is the entry, and an entry's own names go before those around it.
 * Nothing is escaped: what values may hold is for the caller to check.
 *
 * @throws {Error} for a name that stands for nothing.
 */
export function fill(template: string, values: Record<string, Fillable>): string {
  const sections = /^\{\{([#^])(\w+)\}\}\n(.*?)^\{\{\/\2\}\}\n/gms;
  const withoutSections = template.replaceAll(sections, (_, kind: string, name: string, inner: string) => {
    const value = values[name];
    if (kind === "^") return isEmpty(value) ? fill(inner, values) : "";
    if (isEmpty(value)) return "";
    const entries = Array.isArray(value) ? value : [value];
    return entries.map((entry) => fill(inner, { ...values, ...own(entry) })).join("");
  });
  return withoutSections.replaceAll(/\{\{([\w.]+)\}\}/g, (_, name: string) => {
    const value = values[name];
    if (typeof value === "string" || typeof value === "number") return String(value);
    throw new Error(`the template asks for {{${name}}}, which has no value`);
  });
}

function own(entry: Fillable): Record<string, Fillable> {
  return typeof entry === "object" && !Array.isArray(entry) ? entry : { ".": entry };
}

function isEmpty(value: Fillable): boolean {
  return value === undefined || value === false || value === "" || value === 0 || (Array.isArray(value) && value.length === 0);
}
