import type { Scenario } from "./scenario.ts";
import { cluster } from "./scenarios/cluster.ts";
import { complete } from "./scenarios/complete.ts";
import { front } from "./scenarios/front.ts";
import { growth } from "./scenarios/growth.ts";
import { homework } from "./scenarios/homework.ts";
import { memory } from "./scenarios/memory.ts";
import { profile } from "./scenarios/profile.ts";
import { query } from "./scenarios/query.ts";
import { routes } from "./scenarios/routes.ts";
import { scale } from "./scenarios/scale.ts";
import { sizesScenario } from "./scenarios/sizes.ts";
import { soak } from "./scenarios/soak.ts";
import { throughput } from "./scenarios/throughput.ts";
import { upload } from "./scenarios/upload.ts";

/** All scenarios, in the order in which they run. */
export const scenarios: Scenario[] = [
  upload,
  memory,
  query,
  complete,
  front,
  cluster,
  routes,
  sizesScenario,
  growth,
  throughput,
  scale,
  homework,
  profile,
  soak,
];
