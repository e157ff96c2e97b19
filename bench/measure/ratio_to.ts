import type { RouteFigure } from "../result/schema.ts";

/** How many requests a second were answered for each one of a bare server; not known where there was none. */
export function ratioTo({ perSecond, floors }: RouteFigure, floor: "hono" | "nginx"): number | undefined {
  const base = floors[floor]?.perSecond.median;
  return base === undefined ? undefined : Number((perSecond.median / base).toFixed(3));
}
