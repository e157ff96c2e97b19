import type { StoredFile } from "#db/files.ts";

import type { FileView } from "./schema.ts";

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

/** The media type that a name's extension stands for (Bun's table of the IANA registry). */
export function mimeOf(name: string): string {
  // Only a type is asked for; no such file is opened.
  return Bun.file(`name${/\.[A-Za-z0-9]+$/.exec(name)?.[0] ?? ""}`).type;
}
