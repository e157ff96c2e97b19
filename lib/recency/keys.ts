/** All keys in one slot of a cluster, since the epoch and a mark are read by one MGET. The epoch is a ULID that never expires. */
export const epochKey = "sluice:{recency}:epoch";

/** The mark of a user: there while something of theirs has just changed. */
export function markKey(userId: string): string {
  return `sluice:{recency}:user:${userId}`;
}
