import { join } from "node:path";

import { startAutocannon } from "./autocannon.ts";
import type { LoadResult, Shot } from "./load_job.ts";
import type { LoadTool } from "./load_tool.ts";

const script = join(import.meta.dir, "wrk.lua");

/**
 * wrk, which takes less of a core than autocannon, for requests that are repeated. It knows seconds only in whole, and no
 * answers to HEAD, without an end, or that lead on to a next request; and it runs for a time and not for a number of requests.
 * All of that autocannon does.
 *
 * @param folder for the request that it reads.
 */
export function startWrk(folder: string): LoadTool {
  const other = startAutocannon();
  return {
    name: "wrk",
    run: async (job) => {
      const { url, connections, status, traffic } = job;
      // An error status counts as an error in wrk, whatever is wanted.
      if (traffic.kind !== "repeat" || traffic.shot.method === "HEAD" || status >= 400) return await other.run(job);
      const path = join(folder, "wrk.request");
      await Bun.write(path, requestBytes(traffic.shot, new URL(url).host));
      return await runWrk(url, path, ["-t", "1", "-c", String(connections), "-d", `${Math.ceil(traffic.seconds)}s`]);
    },
    [Symbol.asyncDispose]: () => other[Symbol.asyncDispose](),
  };
}

async function runWrk(url: string, path: string, options: string[]): Promise<LoadResult> {
  const command = ["wrk", ...options, "--timeout", "30s", "-s", script, url, "--", path];
  const child = Bun.spawn(command, { stdio: ["ignore", "pipe", "pipe"] });
  const [out, err] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  const line = out.split("\n").find((line) => line.startsWith("{"));
  if (line === undefined) throw new Error(`wrk said no result: ${out}${err}`);
  return JSON.parse(line);
}

/** A request as it goes over the wire. */
function requestBytes({ method, path, headers, body = "" }: Shot, host: string): Uint8Array {
  const length = body === "" ? {} : { "content-length": String(body.length) };
  const lines = Object.entries({ host, ...headers, ...length }).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join("")}\r\n${body}`, "latin1");
}
