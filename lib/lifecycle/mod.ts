/**
 * How a process begins and ends: its data folder, its secrets, its background work, its phases of stopping.
 *
 * ```ts
 * const lock = await lockDataDir(config.DATA_DIR);
 * const lifecycle = createLifecycle({ log });
 * lifecycle.onStop("data folder", () => lock.release()); // phases run last to first:
 * lifecycle.onStop("background tasks", () => lifecycle.idle()); // then what they use
 * lifecycle.onStop("server", () => server.stop()); // first no more requests
 * stopOnSignal(lifecycle, config.SHUTDOWN_MS);
 * ```
 */
export { checkPorts, type Readiness } from "./check_ports.ts";
export { coalesce } from "./coalesce.ts";
export { type DataDirLock, lockDataDir } from "./data_dir.ts";
export { type Fault, type FaultPoint, noFault } from "./fault.ts";
export { createLifecycle, type Lifecycle, type LifecycleLog, type StopOptions } from "./lifecycle.ts";
export { readOrMakeSecret } from "./secret_file.ts";
export { syncFolder } from "./sync_folder.ts";
export { stopOnSignal } from "./stop_on_signal.ts";
