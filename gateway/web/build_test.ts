import { expect, test } from "bun:test";

import { buildWeb } from "./build.ts";

test("the page names its script, style and worker, and has nothing inline", async () => {
  const { html, assets } = await buildWeb();
  expect([...assets.keys()].map((path) => path.replace(/-[^.]+/, "-hash")).toSorted()).toEqual([
    "/assets/hash_worker-hash.js",
    "/assets/main-hash.js",
    "/assets/style-hash.css",
  ]);
  for (const path of assets.keys()) expect(html).toContain(`"${path}"`);
  expect(html).not.toMatch(/\{\{|<style|style=|<script(?![^>]* src=)| on\w+=/);
});

test("a build gives the same names every time", async () => {
  const [one, two] = await Promise.all([buildWeb(), buildWeb()]);
  expect([...two.assets.keys()]).toEqual([...one.assets.keys()]);
});
