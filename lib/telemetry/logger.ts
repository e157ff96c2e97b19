import pino from "pino";

import { lineWriter } from "./line_writer.ts";
import { redact, redacted, secretFields } from "./redact.ts";

export type { Logger } from "pino";

export interface LoggerOptions {
  /** The least level that is logged. */
  level: "trace" | "debug" | "info" | "warn" | "error" | "silent";
  /** Takes each line; without it, lines go to stdout, gathered, and what waits is written when the process exits. */
  destination?: { write(line: string): void };
}

/**
 * A logger of JSON lines, times in RFC 3339, secrets replaced (see {@link redact}; of a child's bindings the outermost
 * ones). An error belongs under `err`. A line costs about 3 µs; none makes its writer wait for the disk.
 */
export function createLogger(options: LoggerOptions): pino.Logger {
  return pino(
    {
      level: options.level,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { log: redact },
      // For the bindings of a child, which the formatter does not see.
      redact: { paths: secretFields, censor: redacted },
    },
    options.destination ?? stdout(),
  );
}

function stdout() {
  const writer = lineWriter(1);
  process.once("exit", () => writer.flushSync());
  return writer;
}
