import type { Goal, Row } from "../scenario.ts";
import { median } from "./median.ts";
import { race, speedRatio, type Transfer } from "./transfer.ts";

/** Transfers that were raced, the first of which is the limit of the others. */
export interface Raced {
  rows: Row[];
  /** Of the limit, for each. */
  ratios: number[];
}

/** Races transfers of `bytes` bytes each. */
export async function raced(transfers: Transfer[], bytes: number, rounds: number): Promise<Raced> {
  const seconds = await race(transfers, rounds);
  const ratios = seconds.map((each) => speedRatio(each, seconds[0]));
  const rows = transfers.map(({ name }, i): Row => {
    return { what: name, "MB/s": Math.round(bytes / 1e6 / median(seconds[i] ?? [])), "of the limit": ratios[i] ?? NaN };
  });
  return { rows, ratios };
}

/** What the second must reach of the first. */
export function goalOf(name: string, { ratios: [, value = NaN] }: Raced, atLeast: number): Goal {
  return { name, value, unit: "×", atLeast };
}
