/**
 * The key of a blob's object. It holds the blob's id, so that a content that is purged and uploaded anew in the same
 * instant never shares a key with the object that is about to go.
 *
 * @param copyId of an object that was made later than the first: each has a key that is its own alone, so that whoever still
 * deletes an older one never deletes it.
 */
export function objectKey({ id, sha1 }: { id: string; sha1: string }, copyId?: string): string {
  return `${sha1.slice(0, 2)}/${sha1.slice(2, 4)}/${sha1}-${id}${copyId === undefined ? "" : `-${copyId}`}`;
}

/** What {@link objectKey} has made a key of; `null` for any other key. */
export function partsOfKey(key: string): { sha1: string; blobId: string; copyId?: string } | null {
  const found = /^([0-9a-f]{2})\/([0-9a-f]{2})\/(\1\2[0-9a-f]{36})-([0-9A-Z]{26})(?:-([0-9A-Z]{26}))?$/.exec(key);
  const [, , , sha1, blobId, copyId] = found ?? [];
  if (sha1 === undefined || blobId === undefined) return null;
  return { sha1, blobId, ...(copyId !== undefined && { copyId }) };
}
