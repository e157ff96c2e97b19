import { z } from "zod";

const durations = new Map(Object.entries({ ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }));
const sizes = new Map(Object.entries({ k: 1e3, m: 1e6, g: 1e9, t: 1e12, ki: 2 ** 10, mi: 2 ** 20, gi: 2 ** 30, ti: 2 ** 40 }));

/** A span of time in the environment: `500ms`, `30s`, `15m`, `24h`, `7d`; a bare number is seconds. Gives milliseconds. */
export const duration = z.string().transform((text, ctx) => {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)?$/.exec(text.trim());
  const unit = match && durations.get(match[2] ?? "s");
  if (match && unit) return Math.round(Number(match[1]) * unit);
  ctx.addIssue({ code: "custom", message: `"${text}" is not a duration: write 500ms, 30s, 15m, 24h or 7d` });
  return z.NEVER;
});

/** An amount of bytes in the environment: `1048576`, `64MiB`, `10GB`. */
export const byteSize = z.string().transform((text, ctx) => {
  const match = /^(\d+(?:\.\d+)?)\s*(k|m|g|t|ki|mi|gi|ti)?b?$/i.exec(text.trim());
  const bytes = match && Math.round(Number(match[1]) * (sizes.get(match[2]?.toLowerCase() ?? "") ?? 1));
  if (bytes !== null && Number.isSafeInteger(bytes)) return bytes;
  ctx.addIssue({ code: "custom", message: `"${text}" is not a size: write a number of bytes, or 64MiB, 10GB` });
  return z.NEVER;
});

/** A whole number in the environment, from `min` to `max`. */
export function integer(min: number, max: number = Number.MAX_SAFE_INTEGER) {
  return z.string().regex(/^\d+$/, "must be a whole number").transform(Number).pipe(z.number().min(min).max(max));
}
