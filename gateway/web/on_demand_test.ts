import { expect, test } from "bun:test";

import { webOnDemand } from "./on_demand.ts";

const web = { html: "", shareHtml: "", assets: new Map() };

test("builds once for all who ask, and not before", async () => {
  let builds = 0;
  const ask = webOnDemand(async () => {
    builds++;
    return web;
  });
  expect(builds).toBe(0);
  expect(await Promise.all([ask(), ask()])).toEqual([web, web]);
  expect(ask()).toBe(web);
  expect(builds).toBe(1);
});

test("tries again what failed", async () => {
  let builds = 0;
  const ask = webOnDemand(async () => {
    if (++builds === 1) throw new Error("a module does not build");
    return web;
  });
  expect(ask()).rejects.toThrow("a module does not build");
  await Bun.sleep(0);
  expect(await ask()).toBe(web);
});
