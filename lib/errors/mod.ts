/**
 * Errors: one class, a closed union of codes, and helpers that read system errors.
 *
 * ```ts
 * throw new AppError("wrong-chunk-size", `chunk 3 must be 8388608 bytes, got 12`);
 * ```
 */
export { AppError, isAppError } from "./app_error.ts";
export type { Code } from "./code.ts";
export { levelOf } from "./level_of.ts";
export { diskFullAsNoSpace, isDiskFull, systemCode } from "./system_error.ts";
