import { isAppError } from "./app_error.ts";
import { isDiskFull } from "./system_error.ts";

/** How loud a failure is told that nobody waits for: what is away or full comes back, anything else is a mistake of somebody's. */
export function levelOf(error: unknown): "warn" | "error" {
  return isDiskFull(error) || isAppError(error, "unavailable", "no-space") ? "warn" : "error";
}
