import { LRUCache } from "lru-cache";

import type { Upload } from "#db/uploads.ts";

/** The first chunks come within it; later ones find what was read (see `rememberedUpload`). */
const lifeMs = 30_000;
/** About 1 KB each. */
const maxUploads = 4096;

/**
 * The rows of uploads that this gateway has opened within the last half a minute and not changed since: to read one is a
 * seventh of what a small chunk takes on SQLite, and on MySQL, where one who has just written reads the primary, a third.
 *
 * Nobody else changes them unseen, for an upload is closed and cancelled where its chunks are (`mustBeHere`), and a folder of data
 * has one gateway; but for one that takes this one for dead and cancels in its place. What still comes for such an upload
 * goes with it.
 */
export interface JustOpened {
  add(upload: Readonly<Upload>): void;
  get(id: string): Readonly<Upload> | undefined;
  /** To be called before the row is changed: from then on it is asked. */
  forget(id: string): void;
}

/** @param now epoch milliseconds. */
export function createJustOpened(now: () => number): JustOpened {
  const uploads = new LRUCache<string, Readonly<Upload>>({ max: maxUploads, ttl: lifeMs });
  return {
    add: (upload) => void uploads.set(upload.id, upload),
    get(id) {
      const upload = uploads.get(id);
      return upload !== undefined && upload.expiresAt > now() ? upload : undefined;
    },
    forget: (id) => void uploads.delete(id),
  };
}
