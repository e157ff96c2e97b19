import { expect, test } from "bun:test";

import { AppError } from "./app_error.ts";
import { levelOf } from "./level_of.ts";

test("what is away or full is a warning, anything else an error", () => {
  const full = new Error("a query failed", { cause: Object.assign(new Error("disk is full"), { code: "SQLITE_FULL" }) });
  for (const error of [full, new AppError("unavailable", "gone"), new AppError("no-space", "full")])
    expect(levelOf(error)).toBe("warn");
  for (const error of [new Error("bug"), new AppError("internal", "bug"), "bug", undefined]) expect(levelOf(error)).toBe("error");
});
