import type { RouteFigure } from "../result/schema.ts";
import { nameOf } from "../routes/mod.ts";
import type { Row } from "../scenario.ts";
import { ratioTo } from "./ratio_to.ts";

/** A figure as a line of the table. */
export function rowOf(figure: RouteFigure): Row {
  const { place, connections, perSecond, latencyMs, processes, requests, roundTrip } = figure;
  const used = Object.values(processes);
  const cpuSeconds = used.reduce((sum, usage) => sum + usage.cpuSeconds, 0);
  const rssBytes = used.reduce((sum, usage) => sum + usage.rssBytes, 0);
  return {
    route: nameOf(figure),
    place,
    conns: connections,
    "req/s": digits(perSecond.median),
    "±%": Math.round(((perSecond.high - perSecond.low) / perSecond.median / 2) * 100),
    "of Hono": ratioTo(figure, "hono") ?? "",
    "of nginx": ratioTo(figure, "nginx") ?? "",
    "of its round trip": roundTrip ? Number((perSecond.median / roundTrip.perSecond).toPrecision(2)) : "",
    "p50 ms": digits(latencyMs.p50),
    "p97.5 ms": digits(latencyMs.p975),
    "p99 ms": digits(latencyMs.p99),
    "CPU µs": used.length > 0 ? Math.round((cpuSeconds / requests) * 1e6) : "",
    "RSS MB": used.length > 0 ? Math.round(rssBytes / 1e6) : "",
  };
}

/** Three digits that count. */
function digits(value: number): number {
  return value >= 100 ? Math.round(value) : Number(value.toPrecision(3));
}
