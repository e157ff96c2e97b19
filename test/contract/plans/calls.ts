import type { Catalog } from "#db/mod.ts";

import { blobCalls } from "./calls/blobs.ts";
import { copyCalls } from "./calls/copies.ts";
import { cursorCalls } from "./calls/cursors.ts";
import { fetchCalls } from "./calls/fetches.ts";
import { fileCalls } from "./calls/files.ts";
import { inspectionCalls } from "./calls/inspection.ts";
import { leaseCalls } from "./calls/leases.ts";
import { shareCalls } from "./calls/shares.ts";
import { uploadCalls } from "./calls/uploads.ts";
import { userCalls } from "./calls/users.ts";
import { videoCalls } from "./calls/videos.ts";

/** Calls of functions of db/, each under its name, on the rows of `fillCatalog`: as the drive calls them, in every way. */
export type Calls = Record<string, (catalog: Catalog) => Promise<unknown>>;

/** In this order, since some remove what others look for. */
export const calls: Calls[] = [
  fileCalls,
  uploadCalls,
  leaseCalls,
  fetchCalls,
  blobCalls,
  copyCalls,
  inspectionCalls,
  cursorCalls,
  videoCalls,
  shareCalls,
  userCalls,
];
