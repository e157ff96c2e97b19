// `bun test/support/oss-server/main.ts DIR PORT BUCKET`, with OSS_ACCOUNT "KEY:SECRET" and OSS_REGION: the test server in a process of
// its own, which can be killed and frozen. What goes wrong, and what was asked, goes over stdin and stdout, a line of JSON each.
import { createInterface } from "node:readline";

import type { Fault } from "./faults.ts";
import { startOssServer } from "./server.ts";

const [dir = "", port = "0", bucket = ""] = process.argv.slice(2);
const [accessKeyId = "", accessKeySecret = ""] = (process.env["OSS_ACCOUNT"] ?? "").split(":");
const accounts = [{ accessKeyId, accessKeySecret }];
const server = await startOssServer({ dir, port: Number(port), accounts, region: process.env["OSS_REGION"] ?? "" });
await server.makeBucket(bucket);
process.stdout.write(`the OSS test server (no object store) listens on ${server.port}\n`);
for await (const line of createInterface({ input: process.stdin })) {
  // The lines are this repository's own.
  const { fault, clear } = JSON.parse(line) as { fault?: Fault; clear?: true };
  if (fault !== undefined) server.faults.add(fault);
  if (clear === true) server.faults.clear();
  process.stdout.write(`${JSON.stringify(server.seen)}\n`);
}
await server.stop();
