import { join } from "node:path";

import type { RoundTrip } from "../routes/mod.ts";

/** Where each kind of round trip can be made. */
export type RoundTripUrls = Partial<Record<RoundTrip, string>>;

/** How many of a kind a second, and by which client. */
export interface RoundTripFigure {
  what: string;
  perSecond: number;
}

const statements: Record<RoundTrip, string> = { select: "SELECT 1", insert: "INSERT", get: "GET" };
const clients: Record<string, string> = { "sqlite:": "bun:sqlite", "mysql:": "mysql2", "redis:": "ioredis" };
const program = join(import.meta.dir, "../peers/round_trip.ts");

/** Makes each kind for some seconds, with so many under way, in a process of its own. */
export async function measureRoundTrips(
  urls: RoundTripUrls,
  parallel: number,
  seconds: number,
): Promise<Partial<Record<RoundTrip, RoundTripFigure>>> {
  const figures: Partial<Record<RoundTrip, RoundTripFigure>> = {};
  for (const what of ["select", "insert", "get"] as const) {
    const url = urls[what];
    if (url !== undefined) figures[what] = { what: nameOf(what, url), perSecond: await measure(what, url, parallel, seconds) };
  }
  return figures;
}

function nameOf(what: RoundTrip, url: string): string {
  return `${statements[what]} by ${clients[new URL(url).protocol] ?? "?"}`;
}

async function measure(what: RoundTrip, url: string, parallel: number, seconds: number): Promise<number> {
  const command = [process.execPath, program, what, url, String(parallel), String(seconds)];
  const child = Bun.spawn(command, { stdio: ["ignore", "pipe", "inherit"] });
  const [out, code] = await Promise.all([child.stdout.text(), child.exited]);
  if (code !== 0) throw new Error(`the round trip ${what} ended with ${code}`);
  const { perSecond }: { perSecond: number } = JSON.parse(out);
  return perSecond;
}
