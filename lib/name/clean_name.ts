import { maxNameLength, nameFault, refusedCharacters } from "./name_fault.ts";

const everyRefused = new RegExp(refusedCharacters.source, "gu");

/**
 * What a text that no user chose (a server's header, the end of a URL) comes to as a name: its last path segment without
 * the characters that no name may hold, cut to its longest length with the extension kept.
 *
 * @returns `null` where nothing is left.
 */
export function cleanName(text: string): string | null {
  const segment = text.toWellFormed().split(/[/\\]/).at(-1) ?? "";
  const clean = cut(segment.replaceAll(everyRefused, "").normalize("NFC").trim());
  return nameFault(clean) === undefined ? clean : null;
}

function cut(name: string): string {
  const characters = Array.from(name);
  if (characters.length <= maxNameLength) return name;
  const extension = Array.from(/\.[^.\s]{1,16}$/u.exec(name)?.[0] ?? "");
  return [...characters.slice(0, maxNameLength - extension.length), ...extension].join("");
}
