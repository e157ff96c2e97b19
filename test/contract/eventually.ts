/**
 * Waits until `value` gives something other than `false`, `null` or `undefined`, and returns it.
 *
 * @throws {Error} that names `what`, after `withinMs`.
 */
export async function eventually<T>(
  what: string,
  value: () => Promise<T | false | null | undefined> | T | false | null | undefined,
  withinMs = 60_000,
): Promise<T> {
  const until = performance.now() + withinMs;
  for (;;) {
    const got = await value();
    if (got !== false && got !== null && got !== undefined) return got;
    if (performance.now() > until) throw new Error(`${what}: not within ${withinMs} ms`);
    await Bun.sleep(2);
  }
}
