/** Some folders of tests that run in one process. */
export interface Suite {
  name: string;
  paths: string[];
  /** Whether some or all of its tests ask the real servers, which are started once for all suites of a lane. */
  servers?: "some" | "all";
  env?: Record<string, string>;
}

/**
 * What runs side by side, each lane on real servers of its own: the second one mostly waits, for what was killed to come
 * back. In this order, so that what is quick to fail fails first.
 */
export const lanes: Suite[][] = [
  [
    { name: "unit", paths: ["./lib", "./db", "./gateway", "./workers", "./nginx", "./bench"] },
    { name: "guards", paths: ["./test/docs", "./test/guards"] },
    { name: "deploy", paths: ["./test/deploy"], servers: "some" },
    { name: "contract", paths: ["./test/contract"], servers: "some" },
    { name: "integration", paths: ["./test/integration"], servers: "some" },
    { name: "property", paths: ["./test/property"] },
    { name: "acceptance", paths: ["./test/acceptance"] },
    { name: "front", paths: ["./test/acceptance"], servers: "all", env: { SLUICE_TEST_TARGET: "front" } },
    { name: "cluster", paths: ["./test/acceptance"], servers: "all", env: { SLUICE_TEST_TARGET: "cluster" } },
    { name: "browser", paths: ["./test/browser"] },
  ],
  [
    { name: "faults", paths: ["./test/faults"], servers: "some" },
    { name: "stack", paths: ["./test/stack"] },
  ],
];
