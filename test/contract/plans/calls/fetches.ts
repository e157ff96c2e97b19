import {
  closeFetch,
  countOlderFetches,
  failFetch,
  fetchById,
  fetchesDue,
  insertFetch,
  isFetching,
  noteFetch,
  reserveFetch,
} from "#db/fetches.ts";

import type { Calls } from "../calls.ts";
import { heavy, idOf, node, now } from "../scene.ts";
import { claimed } from "./claimed.ts";

const upload = { userId: heavy, name: "a", size: 0, sha1: null, chunkSize: 8_388_608, chunkCount: 0, node, requestId: null };
const source = { url: "https://example.com/a.iso", isNamed: 0 };
const times = { now, expiresAt: now + 1000 };
const job = { table: "uploads", state: "fetching", id: idOf("upload", 611) } as const;
const far = { length: 30e6, received: 1e6, validator: '"a"', name: "b" };

export const fetchCalls: Calls = {
  insertFetch: (catalog) =>
    insertFetch(
      catalog,
      { ...upload, id: idOf("upload", 90_100), createdAt: now, expiresAt: now },
      source,
      async () => undefined,
      1_000_000,
    ),
  fetchById: ({ db }) => fetchById(db, job.id),
  fetchesDue: (catalog) => fetchesDue(catalog, { node, now, limit: 3, perUser: 100 }),
  "fetchesDue, but of the busy": (catalog) => fetchesDue(catalog, { node, now, limit: 3, perUser: 1 }),
  countOlderFetches: (catalog) => countOlderFetches(catalog, { id: idOf("upload", 90_100), userId: heavy, node }, now),
  noteFetch: async (catalog) => noteFetch(catalog, await claimed(catalog, job), far, times),
  reserveFetch: async (catalog) => reserveFetch(catalog, await claimed(catalog, job), upload, 60e6, async () => {}),
  isFetching: async (catalog) => isFetching(catalog, await claimed(catalog, job)),
  failFetch: async (catalog) =>
    failFetch(catalog, await claimed(catalog, { ...job, id: idOf("upload", 811) }), "source-failed", times),
  closeFetch: async (catalog) => closeFetch(catalog, await claimed(catalog, job), { ...upload, size: 60e6 }, now),
};
