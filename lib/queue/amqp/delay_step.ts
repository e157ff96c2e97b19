/** The delays that there are, seconds: in a wait queue all messages have one TTL, or a long one would hold up the short. */
export const delaySteps = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512] as const;

/**
 * The shortest step, in seconds, that is not shorter than a delay: what came too early would find the row not due and be
 * gone. A delay past the longest step gets that one, and the row is found by the poll.
 */
export function delayStep(delayMs: number): number {
  return delaySteps.find((seconds) => seconds * 1000 >= delayMs) ?? 512;
}
