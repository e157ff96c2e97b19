const units = ["B", "kB", "MB", "GB", "TB", "PB"];

/** A size in bytes as people read it, in powers of 1000, three digits and a space that no line breaks at: `1.50 MB`. */
export function humanSize(bytes: number): string {
  let unit = 0;
  let value = bytes;
  // 999.5 would be shown as 1000.
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return `${value.toFixed(digits)}\u00a0${units[unit]}`;
}
