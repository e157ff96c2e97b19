import { AppError } from "../errors/mod.ts";

const checkTimeoutMs = 2000;

/** A port as far as its health goes. */
export interface CheckedPort {
  readonly engine: string;
  /** Rejects when the engine cannot be reached. */
  check(signal: AbortSignal): Promise<void>;
}

/** One port's state. */
export interface PortState {
  engine: string;
  ok: boolean;
  /** Whether nothing can be done without it; without the others all goes on, only slower. */
  needed: boolean;
  error?: string;
}

/** What `readyz` says. */
export interface Readiness {
  /** Whether every port that is needed can be reached, and the process is not stopping. */
  ready: boolean;
  ports: Record<string, PortState>;
}

/** The ports of a process; of what the catalog and the store hold there is no second copy. */
export interface PortsToCheck {
  catalog: CheckedPort;
  stores: { all: readonly { name: string; store: CheckedPort }[] };
  progress: CheckedPort;
  queue: CheckedPort;
  lifecycle: { stopping: AbortSignal };
}

/**
 * Asks every port, at once and for two seconds at most, whether it can be reached. Of several stores none is needed by itself, but
 * one of them: a front that took every gateway for dead because one store of three is away would stop what the others can do.
 */
export async function checkPorts({ catalog, stores, progress, queue, lifecycle }: PortsToCheck): Promise<Readiness> {
  const [stored, others] = await Promise.all([
    Promise.all(storePorts(stores.all).map(([name, port]) => checkPort(name, port, stores.all.length === 1))),
    Promise.all([checkPort("catalog", catalog, true), checkPort("progress", progress, false), checkPort("queue", queue, false)]),
  ]);
  const canWork = others.every(([, { ok, needed }]) => ok || !needed) && stored.some(([, { ok }]) => ok);
  return { ready: canWork && !lifecycle.stopping.aborted, ports: Object.fromEntries([...others, ...stored]) };
}

/** One alone is "store", each of several "store:" and its name. */
function storePorts(all: PortsToCheck["stores"]["all"]): [name: string, port: CheckedPort][] {
  return all.map(({ name, store }) => [all.length === 1 ? "store" : `store:${name}`, store]);
}

async function checkPort(name: string, port: CheckedPort, needed: boolean): Promise<[name: string, state: PortState]> {
  const { engine } = port;
  try {
    const signal = AbortSignal.timeout(checkTimeoutMs);
    await Promise.race([port.check(signal), rejectOn(signal)]);
    return [name, { engine, ok: true, needed }];
  } catch (error) {
    return [name, { engine, ok: false, needed, error: publicText(error) }];
  }
}

/** What a driver says may name hosts and users: that is for the log. */
function publicText(error: unknown): string {
  return error instanceof AppError ? error.message : "it cannot be reached";
}

async function rejectOn(signal: AbortSignal): Promise<never> {
  return await new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(new AppError("unavailable", `no answer within ${checkTimeoutMs} ms`)));
  });
}
