/** A number of three digits that count, with separators of thousands. */
export function count(value: number): string {
  const digits = value >= 100 ? Math.round(value) : Number(value.toPrecision(3));
  return digits.toLocaleString("en-US", { maximumFractionDigits: 6 });
}

/** Bytes as `4 KiB`. */
export function size(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB"];
  const power = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  return `${count(bytes / 1024 ** power)} ${units[power]}`;
}

/** Milliseconds as `0.2 ms` or `1.5 s`. */
export function duration(ms: number): string {
  return ms >= 1000 ? `${count(ms / 1000)} s` : `${count(ms)} ms`;
}
