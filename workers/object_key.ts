import type { Blob } from "#db/blobs.ts";

/**
 * The key of a blob's object. It holds the blob's id, so that a content that is purged and uploaded anew in the same
 * instant never shares a key with the object that is about to go.
 */
export function objectKey({ id, sha1 }: Pick<Blob, "id" | "sha1">): string {
  return `${sha1.slice(0, 2)}/${sha1.slice(2, 4)}/${sha1}-${id}`;
}
