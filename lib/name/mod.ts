/**
 * Names of files: what can be one, and what is made of a text that somebody else chose.
 *
 * ```ts
 * nameFault("a/b"); // "holds a slash; send the name without its path"
 * cleanName("../a\u0000b.txt"); // "ab.txt"
 * ```
 */
export { cleanName } from "./clean_name.ts";
export { maxNameLength, nameFault, refusedCharacters } from "./name_fault.ts";
