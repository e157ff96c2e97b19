/**
 * Waits for all tasks, where `Promise.all` leaves the rest running once one has failed.
 *
 * @returns what they give, in order.
 * @throws {AggregateError} with the texts of all that failed.
 */
export async function settleAll<T>(tasks: Promise<T>[]): Promise<T[]> {
  const results = await Promise.allSettled(tasks);
  const errors = results.flatMap((result): unknown[] => (result.status === "rejected" ? [result.reason] : []));
  if (errors.length > 0) throw new AggregateError(errors, errors.map(String).join("\n"));
  return results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
}
