import { AppError } from "#lib/errors/mod.ts";

import { copy } from "./copy/copy.ts";
import { fetch } from "./fetch/fetch.ts";
import { merge } from "./merge/merge.ts";
import { probe } from "./probe/probe.ts";
import { purge } from "./purge/purge.ts";
import { push } from "./push/push.ts";
import { sweep } from "./sweep/sweep.ts";
import type { Worker } from "./worker.ts";

const all: Worker[] = [merge, push, purge, sweep, probe, fetch, copy];

/** The workers of these names; `none` alone is none. @throws {AppError} `invalid-request` for a name that is no worker's. */
export function workersNamed(names: string[]): Worker[] {
  if (names.length === 1 && names[0] === "none") return [];
  return names.map((name) => {
    const worker = all.find((w) => w.name === name);
    if (worker) return worker;
    throw new AppError(
      "invalid-request",
      `there is no worker ${JSON.stringify(name)}; there are ${all.map((w) => w.name).join(", ")}`,
    );
  });
}
