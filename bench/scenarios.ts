import type { Scenario } from "./scenario.ts";
import { cluster } from "./scenarios/cluster.ts";
import { complete } from "./scenarios/complete.ts";
import { front } from "./scenarios/front.ts";
import { memory } from "./scenarios/memory.ts";
import { query } from "./scenarios/query.ts";
import { routes } from "./scenarios/routes.ts";
import { sizesScenario } from "./scenarios/sizes.ts";
import { upload } from "./scenarios/upload.ts";

/** All scenarios, in the order in which they run. */
export const scenarios: Scenario[] = [upload, memory, query, complete, front, cluster, routes, sizesScenario];
