import { join } from "node:path";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";

import type { LoadJob, LoadResult } from "./load_job.ts";
import type { LoadTool } from "./load_tool.ts";

const program = join(import.meta.dir, "driver.mjs");

/** autocannon in a process that stays: the first requests of a new one would measure how Node.js warms up. */
export function startAutocannon(): LoadTool {
  const child = Bun.spawn(["node", program], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: Readable.fromWeb(child.stdout) })[Symbol.asyncIterator]();
  return {
    name: "autocannon",
    run: async (job) => {
      await child.stdin.write(`${lineOf(job)}\n`);
      await child.stdin.flush();
      const { value, done } = await lines.next();
      if (done) throw new Error("the load driver ended");
      const said: LoadResult | { failed: string } = JSON.parse(value);
      if ("failed" in said) throw new Error(`the load driver failed: ${said.failed}`);
      return said;
    },
    async [Symbol.asyncDispose]() {
      child.kill();
      await child.exited;
    },
  };
}

/** A job as the driver reads it: of each body its place among `bodies`, so that one which many requests share goes over once. */
function lineOf(job: LoadJob): string {
  const places = new Map<string, number>();
  const placeOf = (key: string, value: unknown) =>
    key === "body" && typeof value === "string" ? places.getOrInsert(value, places.size) : value;
  const text = JSON.stringify(job, placeOf);
  return `{"bodies":${JSON.stringify([...places.keys()])},"job":${text}}`;
}
