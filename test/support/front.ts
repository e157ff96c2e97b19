import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { renderConf } from "../../nginx/render.ts";
import type { FrontValues } from "../../nginx/values.ts";
import { openPorts, startNginx } from "../stack/mod.ts";

/** An nginx with the drive's own conf, on a port of its own. */
export interface Front extends AsyncDisposable {
  url: string;
  /** Its folder: `nginx/` below it is where relative paths of the conf begin. */
  dir: string;
  /** What it logged of requests, one entry each, in the order in which they ended. */
  accessLog(): Promise<Record<string, unknown>[]>;
}

/** Starts nginx before gateways, which must have been started with `TRUSTED_PROXIES=127.0.0.1`. */
export async function startFront(values: Omit<FrontValues, "listen"> & { tls?: FrontValues["tls"] }): Promise<Front> {
  const dir = await mkdtemp(join(tmpdir(), "sluice-front-"));
  const port = await (await openPorts(dir)).port("nginx");
  const listen = [`127.0.0.1:${port}`];
  const log = join(dir, "access.log");
  const conf = renderConf({ user: "root", workers: 2, metricsAllow: ["127.0.0.1"], accessLog: log, ...values, listen });
  const nginx = await startNginx({ dir, conf, ports: [port] });
  return {
    url: `http://127.0.0.1:${port}`,
    dir,
    accessLog: async () => {
      const lines = (await Bun.file(log).text()).trim().split("\n");
      return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as Record<string, unknown>);
    },
    [Symbol.asyncDispose]: async () => {
      await nginx.kill();
      await rm(dir, { recursive: true });
    },
  };
}

/** A gateway's address, as the conf names it. */
export function addressOf(url: string): string {
  return new URL(url).host;
}
