const dateFormat = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

/** When a share ends, in words; nothing of one that does not. @param expiresAt RFC 3339. */
export function endOf(expiresAt: string | null, now = Date.now()): string {
  if (expiresAt === null) return "";
  const end = new Date(expiresAt);
  return `${end.getTime() > now ? "Ends" : "Ended"} ${dateFormat.format(end)}`;
}
