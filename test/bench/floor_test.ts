import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type LoadTool, startTool } from "../../bench/load/mod.ts";
import type { Profile } from "../../bench/measure/measure_case.ts";
import { measurePlace } from "../../bench/measure/measure_place.ts";
import { ratioTo } from "../../bench/measure/ratio_to.ts";
import { openDrive } from "../../bench/places/open_drive.ts";
import type { Places } from "../../bench/places/place.ts";
import { nameOf, routeCases } from "../../bench/routes/mod.ts";

setDefaultTimeout(300_000);

const hasNginx = Bun.which("nginx", { PATH: `${process.env["PATH"]}:/usr/sbin` }) !== null;

let folder: string;
let places: Places;
let tool: LoadTool;
beforeAll(async () => {
  if (!hasNginx) return;
  folder = await mkdtemp(join(tmpdir(), "sluice-floor-"));
  places = await openDrive(folder);
  tool = startTool("autocannon", folder);
});
afterAll(async () => {
  if (!hasNginx) return;
  await tool[Symbol.asyncDispose]();
  await places[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

const profile: Profile = {
  connections: [8],
  rounds: 2,
  seconds: 0.2,
  warmSeconds: 0.1,
  share: 0.2,
  quietMs: 1000,
  floors: ["hono", "nginx"],
};

/**
 * Least shares of a bare Hono route that answers the same bytes: about a tenth of what was seen on a machine that was busy with
 * other things, so that what falls below has become ten times slower, and no noise does.
 */
const least: [place: string, name: string, share: number][] = [
  ["drive", "GET /healthz", 0.06],
  ["drive", "GET /file/query (by id)", 0.05],
  ["drive", "GET /file/query (a page of 50)", 0.005],
  ["drive", "GET /file/download (4 KiB)", 0.02],
  ["drive", "GET /file/mpupload/status", 0.015],
  ["drive", "PUT /file/mpupload/uppart (64 KiB)", 0.03],
  ["drive", "POST /file/mpupload/init", 0.004],
  ["drive", "POST /file/fastupload (by the holder)", 0.004],
  ["drive-front", "GET /file/query (by id)", 0.05],
  ["drive-front", "PUT /file/mpupload/uppart (64 KiB)", 0.03],
];

test.skipIf(!hasNginx).each(least)("%s: %s answers at least %d of what a bare Hono route does", async (place, name, share) => {
  const where = places.places.find((other) => other.name === place);
  if (!where) throw new Error(`there is no place ${place}`);
  const cases = routeCases.filter((routeCase) => nameOf(routeCase) === name);
  const [figure, ...others] = await measurePlace({ ...where, roundTrips: {} }, { tool, cases, profile, log: () => {} });
  expect(others).toEqual([]);
  expect(figure && ratioTo(figure, "hono")).toBeGreaterThan(share);
  expect(Object.keys(figure?.processes ?? {})).toEqual(place === "drive" ? ["sluice"] : ["nginx", "sluice"]);
});
