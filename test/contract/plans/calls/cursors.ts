import { advanceCursor, readCursor } from "#db/cursors.ts";

import type { Calls } from "../calls.ts";
import { idOf, now } from "../scene.ts";
import { claimed } from "./claimed.ts";

export const cursorCalls: Calls = {
  readCursor: (catalog) => readCursor(catalog, "scrub", now),
  "readCursor, the first time": (catalog) => readCursor(catalog, "new", now),
  advanceCursor: async (catalog) =>
    advanceCursor(catalog, await claimed(catalog, { table: "cursors", state: "due", id: "scrub" }), idOf("blob", 10), now),
};
