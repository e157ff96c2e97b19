/** A number's place on an axis, in pixels, and the numbers that are written along it. */
export interface Scale {
  at(value: number): number;
  ticks: number[];
}

interface Range {
  /** Pixels of the least and of the most. */
  from: number;
  to: number;
}

/** From 0 to `most` or a little more, with some four round ticks. @param most above 0. */
export function linear(most: number, { from, to }: Range): Scale {
  const step = roundStep(most / 4);
  const count = Math.ceil(most / step - 1e-9);
  const top = count * step;
  return {
    at: (value) => from + (value / top) * (to - from),
    ticks: Array.from({ length: count + 1 }, (_, i) => Number((i * step).toPrecision(12))),
  };
}

/** By powers of ten around the values, of which none may be 0 or less. */
export function logarithmic(values: number[], { from, to }: Range): Scale {
  const low = Math.floor(Math.log10(Math.min(...values)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values)) - 1e-9));
  return {
    at: (value) => from + ((Math.log10(value) - low) / (high - low)) * (to - from),
    ticks: Array.from({ length: high - low + 1 }, (_, i) => Number((10 ** (low + i)).toPrecision(12))),
  };
}

/** Exactly the values, evenly apart. */
export function steps(values: number[], { from, to }: Range): Scale {
  const ticks = [...new Set(values)].toSorted((a, b) => a - b);
  const gap = ticks.length > 1 ? (to - from) / (ticks.length - 1) : 0;
  return { at: (value) => from + ticks.indexOf(value) * gap, ticks };
}

/** 1, 2 or 5 times a power of ten, and at least `least`. */
function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return power * ([1, 2, 5, 10].find((factor) => factor * power >= least * (1 - 1e-9)) ?? 10);
}
