import { openProgress } from "#lib/progress/mod.ts";

import { progressContract } from "./progress.ts";

progressContract("memory", (log) => openProgress({ log }));
