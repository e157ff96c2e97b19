import type { Context } from "../context.ts";

const checkTimeoutMs = 2000;

/** One port's state. */
export interface PortState {
  engine: string;
  ok: boolean;
  error?: string;
}

/** Asks every port, at once and for two seconds at most, whether it can be reached. */
export async function checkPorts(ctx: Context): Promise<Record<string, PortState>> {
  const { catalog, progress, queue, store } = ctx;
  const states = await Promise.all(
    Object.entries({ catalog, progress, queue, store }).map(async ([name, port]) => [name, await checkPort(port)] as const),
  );
  return Object.fromEntries(states);
}

async function checkPort(port: { engine: string; check: (signal: AbortSignal) => Promise<void> }): Promise<PortState> {
  const { engine } = port;
  try {
    const signal = AbortSignal.timeout(checkTimeoutMs);
    await Promise.race([port.check(signal), rejectOn(signal)]);
    return { engine, ok: true };
  } catch (error) {
    return { engine, ok: false, error: error instanceof Error ? error.message : String(error) };
  }
}

async function rejectOn(signal: AbortSignal): Promise<never> {
  return await new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(new Error(`no answer within ${checkTimeoutMs} ms`)));
  });
}
