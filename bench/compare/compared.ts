import type { Spread } from "../result/schema.ts";
import type { Row } from "../scenario.ts";

/** One thing that both have measured; more is better. */
export interface Compared {
  name: string;
  a: Spread;
  b: Spread;
  /** How much of A's B reaches: the ratio of the medians. */
  ratio: number;
  /** Whether B is worse by more than was allowed, and by more than the runs differ among themselves. */
  isWorse: boolean;
}

/** @param threshold the least ratio that passes. */
export function compared(name: string, a: Spread, b: Spread, threshold: number): Compared {
  const ratio = b.median / a.median;
  return { name, a, b, ratio, isWorse: ratio < threshold && b.high < a.low };
}

/** A comparison as a line of the table. */
export function comparedRow({ name, a, b, ratio, isWorse }: Compared): Row {
  return { what: name, A: said(a), B: said(b), "B of A": Number(ratio.toFixed(3)), "": isWorse ? "WORSE" : "" };
}

function said({ median, low, high }: Spread): string {
  return `${number(median)} (${number(low)} – ${number(high)})`;
}

function number(value: number): number {
  return value >= 100 ? Math.round(value) : Number(value.toPrecision(3));
}
