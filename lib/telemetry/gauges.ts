import { Gauge, type Registry } from "prom-client";

import { coalesce } from "../lifecycle/mod.ts";

/** A value that is asked for when it is scraped: one number, or one for each value of a label. */
export type GaugeOptions =
  | { name: string; help: string; collect: (signal: AbortSignal) => Promise<number> | number }
  | {
      name: string;
      help: string;
      label: string;
      collect: (signal: AbortSignal) => Promise<Record<string, number>> | Record<string, number>;
    };

export interface Gauges {
  /** @throws {Error} when the registry has a metric of that name. */
  add(options: GaugeOptions): void;
  /**
   * Asks for all values at once, and once for all who want them at the same time: what is told is never older than the call.
   * Rejects only when `signal` is aborted.
   */
  collect(signal: AbortSignal): Promise<void>;
}

/**
 * Gauges whose values come from callbacks. prom-client's own `collect` is not used: it passes no signal, and one
 * callback that fails (the database is down) would fail the whole scrape, at the very moment at which it is wanted.
 *
 * @param onError told which gauge failed; its last value is taken back rather than repeated.
 */
export function createGauges(registry: Registry, onError: (error: unknown, gauge: string) => void): Gauges {
  const refreshers: ((signal: AbortSignal) => Promise<void>)[] = [];
  // Of those who share a look, the last one to come has the most time left.
  let newest: AbortSignal;
  const look = coalesce(async () => {
    await Promise.all(refreshers.map((refresh) => refresh(newest)));
  });
  return {
    add(options) {
      const labelNames = "label" in options ? [options.label] : [];
      const gauge = new Gauge({ name: options.name, help: options.help, labelNames, registers: [registry] });
      clear(gauge, options);
      refreshers.push(async (signal) => {
        try {
          await refresh(gauge, options, signal);
        } catch (error) {
          clear(gauge, options);
          onError(error, options.name);
        }
      });
    },
    async collect(signal) {
      newest = signal;
      await look();
      signal.throwIfAborted();
    },
  };
}

async function refresh(gauge: Gauge, options: GaugeOptions, signal: AbortSignal): Promise<void> {
  if (!("label" in options)) return gauge.set(await options.collect(signal));
  const values = await options.collect(signal);
  // A label that is no longer named (a worker that has gone) goes.
  gauge.reset();
  for (const [value, number] of Object.entries(values)) gauge.set({ [options.label]: value }, number);
}

/** `reset` empties a gauge with labels, but sets one without to 0, which would be a lie. */
function clear(gauge: Gauge, options: GaugeOptions): void {
  if ("label" in options) gauge.reset();
  else gauge.remove();
}
