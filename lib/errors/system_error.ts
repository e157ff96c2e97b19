import { AppError } from "./app_error.ts";

/** The `code` of a Node.js system error (`ENOENT`, `ENOSPC`, …) or of a driver, through any number of causes. */
export function systemCode(error: unknown): string | undefined {
  for (let e = error; e instanceof Error; e = e.cause) {
    if ("code" in e && typeof e.code === "string" && !(e instanceof AppError)) return e.code;
  }
  return undefined;
}

const full = new Set(["ENOSPC", "EDQUOT", "SQLITE_FULL"]);

/** Whether `error` says that the disk (or its quota) has no room left. */
export function isDiskFull(error: unknown): boolean {
  return full.has(systemCode(error) ?? "");
}

/** Turns a full disk into `no-space`; any other error is given back as it is. */
export function diskFullAsNoSpace(error: unknown, action: string): unknown {
  if (!isDiskFull(error)) return error;
  return new AppError("no-space", `${action}: the drive's disk is full; nothing of this request was kept`, { cause: error });
}
