import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";

import { z } from "zod";

import { newId } from "#lib/id/mod.ts";

const objectSchema = z.object({
  key: z.string(),
  /** The name of the file of its bytes. */
  file: z.string(),
  size: z.number(),
  etag: z.string(),
  crc64: z.string(),
  /** Epoch milliseconds. */
  modifiedAt: z.number(),
  /** `content-type`, `x-oss-meta-…`. */
  headers: z.record(z.string(), z.string()),
});

export type StoredObject = z.infer<typeof objectSchema>;

/** Objects of one bucket: a file of bytes each, and one of JSON, whose renaming is what makes the object visible. */
export interface Objects {
  /** A path for bytes that are no object yet. */
  draft(): Promise<string>;
  /** Makes a draft an object, in place of the one that had the key. */
  keep(draft: string, object: Omit<StoredObject, "file">): Promise<void>;
  find(key: string): Promise<StoredObject | null>;
  path(object: StoredObject): string;
  remove(key: string): Promise<void>;
  keys(): Promise<string[]>;
}

export function objectsIn(bucketDir: string): Objects {
  const [bytes, entries] = [join(bucketDir, "bytes"), join(bucketDir, "objects")];
  const entryOf = (key: string) => join(entries, `${encodeURIComponent(key)}.json`);
  const path = ({ file }: Pick<StoredObject, "file">) => join(bytes, file);
  const find = async (key: string) => {
    const file = Bun.file(entryOf(key));
    return (await file.exists()) ? objectSchema.parse(await file.json()) : null;
  };
  return {
    path,
    find,
    async draft() {
      await mkdir(bytes, { recursive: true });
      return join(bytes, newId());
    },
    async keep(draft, object) {
      const before = await find(object.key);
      await mkdir(entries, { recursive: true });
      const aside = join(bytes, `${newId()}.json`);
      await Bun.write(aside, JSON.stringify({ ...object, file: draft.slice(bytes.length + 1) } satisfies StoredObject));
      await rename(aside, entryOf(object.key));
      if (before !== null) await rm(path(before), { force: true });
    },
    async remove(key) {
      const object = await find(key);
      await rm(entryOf(key), { force: true });
      if (object !== null) await rm(path(object), { force: true });
    },
    async keys() {
      await mkdir(entries, { recursive: true });
      return (await readdir(entries)).map((name) => decodeURIComponent(name.slice(0, -".json".length)));
    },
  };
}
