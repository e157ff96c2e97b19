import type { Spread } from "../result/schema.ts";
import { median } from "./median.ts";

/** The median of some runs with their least and most. @throws {RangeError} when there are none. */
export function spreadOf(values: number[]): Spread {
  return { median: median(values), low: Math.min(...values), high: Math.max(...values) };
}
