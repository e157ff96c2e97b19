import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";

import { z } from "zod";

import { isId, newId } from "#lib/id/mod.ts";

const uploadSchema = z.object({
  id: z.string(),
  key: z.string(),
  /** Epoch milliseconds. */
  initiatedAt: z.number(),
  headers: z.record(z.string(), z.string()),
});
const partSchema = z.object({
  number: z.number(),
  file: z.string(),
  size: z.number(),
  etag: z.string(),
  crc64: z.string(),
  modifiedAt: z.number(),
});

export type Upload = z.infer<typeof uploadSchema>;
export type Part = z.infer<typeof partSchema>;

/** Multipart uploads of one bucket that are neither completed nor aborted. */
export interface Uploads {
  begin(upload: Omit<Upload, "id">): Promise<Upload>;
  find(id: string, key: string): Promise<Upload | null>;
  draft(id: string): string;
  /** Makes a draft the part of its number, in place of an earlier one. */
  keep(id: string, draft: string, part: Omit<Part, "file">): Promise<void>;
  /** In the order of their numbers. */
  parts(id: string): Promise<Part[]>;
  path(id: string, part: Part): string;
  end(id: string): Promise<void>;
  /** In the order of their keys, then of their ids. */
  all(): Promise<Upload[]>;
}

export function uploadsIn(bucketDir: string): Uploads {
  const root = join(bucketDir, "uploads");
  const dir = (id: string) => join(root, id);
  const read = async (id: string) => {
    const file = Bun.file(join(root, id, "upload.json"));
    return (await file.exists()) ? uploadSchema.parse(await file.json()) : null;
  };
  const all = async () => {
    await mkdir(root, { recursive: true });
    const found = await Promise.all((await readdir(root)).map(read));
    const order = (a: Upload, b: Upload) => Buffer.compare(Buffer.from(a.key + a.id), Buffer.from(b.key + b.id));
    return found.filter((upload) => upload !== null).toSorted(order);
  };
  return {
    all,
    async begin(upload) {
      const begun = { id: newId(), ...upload };
      await mkdir(dir(begun.id), { recursive: true });
      const aside = join(dir(begun.id), "upload.json.new");
      await Bun.write(aside, JSON.stringify(begun));
      await rename(aside, join(dir(begun.id), "upload.json"));
      return begun;
    },
    async find(id, key) {
      const found = isId(id) ? await read(id) : null;
      return found?.key === key ? found : null;
    },
    draft: (id) => join(dir(id), newId()),
    async keep(id, draft, part) {
      const aside = `${draft}.json`;
      await Bun.write(aside, JSON.stringify({ ...part, file: draft.slice(dir(id).length + 1) } satisfies Part));
      await rename(aside, join(dir(id), `${part.number}.part`));
    },
    async parts(id) {
      const names = (await readdir(dir(id))).filter((name) => name.endsWith(".part"));
      const parts = await Promise.all(names.map(async (name) => partSchema.parse(await Bun.file(join(dir(id), name)).json())));
      return parts.toSorted((a, b) => a.number - b.number);
    },
    path: (id, part) => join(dir(id), part.file),
    end: async (id) => rm(dir(id), { recursive: true, force: true }),
  };
}
