import { expect, test } from "bun:test";

import { buildWeb } from "./build.ts";

test("the pages name their scripts, style and worker, and have nothing inline", async () => {
  const { html, shareHtml, assets } = await buildWeb();
  expect([...assets.keys()].map((path) => path.replace(/-[^.]+/, "-hash")).toSorted()).toEqual([
    "/assets/hash_worker-hash.js",
    "/assets/main-hash.js",
    "/assets/share_page-hash.js",
    "/assets/style-hash.css",
  ]);
  for (const path of assets.keys()) expect(html + shareHtml).toContain(`"${path}"`);
  for (const page of [html, shareHtml]) expect(page).not.toMatch(/\{\{|<style|style=|<script(?![^>]* src=)| on\w+=/);
});

test("a build gives the same names every time", async () => {
  const [one, two] = await Promise.all([buildWeb(), buildWeb()]);
  expect([...two.assets.keys()]).toEqual([...one.assets.keys()]);
});
