import { blobById } from "#db/blobs.ts";
import { fileBelow, filesChangedAfter, listFiles } from "#db/file_lists.ts";
import {
  bytesOf,
  deleteFile,
  fileById,
  fileBySha1,
  filesToPurge,
  holdFile,
  insertFiles,
  linkFile,
  purgeFile,
  renameFile,
  touchFilesOf,
} from "#db/files.ts";
import { heldBlob } from "#db/held_blob.ts";
import { linkStored } from "#db/link_stored.ts";
import type { Catalog } from "#db/mod.ts";
import { usageOf } from "#db/users.ts";

import type { Calls } from "../calls.ts";
import { heavy, idOf, now, sha1Of } from "../scene.ts";

const link = { userId: heavy, name: "holiday picture 20.jpg", sha1: sha1Of(40), size: 40, now };

const place = { size: 40, sha256: "", state: "stored", spoolId: null, node: null, store: null, key: null } as const;

const linkOne = (catalog: Catalog, i: number) =>
  linkStored(catalog, { ...place, id: idOf("blob", 40) }, { ...link, id: idOf("file", 90_000 + i), name: `at once ${i}` });

export const fileCalls: Calls = {
  fileById: async (catalog) => fileById(catalog, idOf("file", 5)),
  fileBySha1: ({ db }) => fileBySha1(db, heavy, sha1Of(10)),
  listFiles: ({ db }) => listFiles(db, { userId: heavy, limit: 100 }),
  "listFiles, the next page": ({ db }) => listFiles(db, { userId: heavy, before: idOf("file", 40_000), limit: 100 }),
  "listFiles, by name": ({ db }) => listFiles(db, { userId: heavy, q: "picture 12", limit: 100 }),
  "listFiles, by name, the next page": ({ db }) =>
    listFiles(db, { userId: heavy, q: "picture 12", before: idOf("file", 40_000), limit: 100 }),
  "listFiles, by name, among some": ({ db }) =>
    listFiles(db, { userId: heavy, q: "picture 12", from: idOf("file", 30_000), before: idOf("file", 40_000), limit: 100 }),
  fileBelow: ({ db }) => fileBelow(db, { userId: heavy, rows: 5000 }),
  "fileBelow, the next one": ({ db }) => fileBelow(db, { userId: heavy, before: idOf("file", 40_000), rows: 5000 }),
  "linkFile, under a name that is taken": (catalog) => linkFile(catalog, { ...link, id: idOf("file", 90_000) }),
  insertFiles: (catalog) =>
    catalog.transaction(async (tx) => {
      const blob = await blobById(tx, idOf("blob", 40));
      const names = ["holiday picture 20.jpg", "in a form 1", "in a form 2"];
      return await insertFiles(
        tx,
        heavy,
        blob ? names.map((name, i) => ({ id: idOf("file", 91_000 + i), name, blob })) : [],
        now,
      );
    }),
  heldBlob: ({ db }) => heldBlob(db, heavy, sha1Of(10)),
  linkStored: (catalog) => linkOne(catalog, 1),
  // Two go alone, so that two are left to go together.
  "linkStored, some at once": (catalog) => Promise.all([2, 3, 4, 5].map((i) => linkOne(catalog, i))),
  renameFile: (catalog) => renameFile(catalog, heavy, idOf("file", 15), "another name", now),
  deleteFile: (catalog) => deleteFile(catalog, heavy, idOf("file", 25), now, now + 1e6),
  holdFile: (catalog) => catalog.transaction((tx) => holdFile(tx, heavy, idOf("file", 30))),
  filesToPurge: (catalog) => filesToPurge(catalog, now, 100),
  purgeFile: (catalog) => purgeFile(catalog, { id: idOf("file", 3), blobId: idOf("blob", 3) }, now),
  touchFilesOf: (catalog) => catalog.transaction((tx) => touchFilesOf(tx, idOf("blob", 60), now)),
  "filesChangedAfter, the first look": (catalog) => filesChangedAfter(catalog, heavy, { at: now - 60_000, id: "" }, 500),
  filesChangedAfter: (catalog) => filesChangedAfter(catalog, heavy, { at: now - 20, id: "" }, 500),
  bytesOf: ({ db }) => bytesOf(db, heavy),
  usageOf: ({ db }) => usageOf(db, heavy),
};
