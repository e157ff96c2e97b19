/** All keys in one slot of a cluster, since a script reads several. The epoch never expires. */
export const epochKey = "sluice:{recency}:epoch";

/** The mark of a user: there while something of theirs has just changed. */
export function markKey(userId: string): string {
  return `sluice:{recency}:user:${userId}`;
}

/** The leases on a user: a sorted set of the processes that hold one, by its end in Redis' milliseconds. */
export function leaseKey(userId: string): string {
  return `sluice:{recency}:leases:${userId}`;
}

/** The channel on which a process is told: that and what {@link channelPrefix} is followed by is its id. */
export function channelOf(processId: string): string {
  return `${channelPrefix}${processId}`;
}

export const channelPrefix = "sluice:{recency}:process:";
