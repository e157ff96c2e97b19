/**
 * Waits for all tasks, where `Promise.all` leaves the rest running once one has failed.
 *
 * @throws {AggregateError} with the texts of all that failed.
 */
export async function settleAll(tasks: Promise<void>[]): Promise<void> {
  const results = await Promise.allSettled(tasks);
  const errors = results.flatMap((result): unknown[] => (result.status === "rejected" ? [result.reason] : []));
  if (errors.length > 0) throw new AggregateError(errors, errors.map(String).join("\n"));
}
