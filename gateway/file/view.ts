import { LRUCache } from "lru-cache";

import type { StoredFile } from "#db/stored_file.ts";

import type { FileView } from "./schema.ts";

const texts = new WeakMap<StoredFile, string>();

/** The JSON of {@link fileView}, made once for each row that was read: for the one that is asked for again and again. */
export function fileJson(stored: StoredFile): string {
  let text = texts.get(stored);
  if (text === undefined) texts.set(stored, (text = JSON.stringify(fileView(stored))));
  return text;
}

/** A file as the API shows it. */
export function fileView({ file, blob }: StoredFile): FileView {
  return {
    id: file.id,
    name: file.name,
    size: file.size,
    sha1: file.sha1,
    sha256: blob.sha256,
    mime: mimeOf(file.name),
    state: blob.state === "stored" ? "stored" : "spooled",
    uploadedAt: new Date(file.uploadedAt).toISOString(),
    updatedAt: new Date(file.updatedAt).toISOString(),
  };
}

/**
 * The media type that a name's extension stands for (Bun's table of the IANA registry), without the `charset=utf-8` that Bun
 * gives texts: of what somebody uploaded nobody has looked which it is.
 */
export function mimeOf(name: string): string {
  const extension = /\.[A-Za-z0-9]{1,16}$/.exec(name)?.[0].toLowerCase() ?? "";
  const known = types.get(extension);
  if (known !== undefined) return known;
  // Only a type is asked for; no such file is opened.
  const type = Bun.file(`name${extension}`).type.replace(/;.*$/s, "");
  types.set(extension, type);
  return type;
}

/** Bounded, since extensions are whatever people make them. */
const types = new LRUCache<string, string>({ max: 1000 });
