import { type Job, type JobResult, lengthOf, type Outgoing, type Part, type SenderMessage } from "../support/job.ts";
import { makePattern, makeZeros } from "../support/pattern.ts";
import { connect } from "./connection.ts";

// The client of the bench, in a process of its own: takes jobs from its parent, one at a time.

const [pattern, zeros] = [makePattern(), makeZeros()];

async function run({ connections, requests }: Job): Promise<JobResult> {
  const { hostname, port } = new URL(requests[0]?.url ?? "");
  const open = await Promise.all(Array.from({ length: connections }, () => connect(hostname, Number(port))));
  const queue = requests.entries();
  const answers: JobResult["answers"] = [];
  const [cpu, begin] = [process.cpuUsage(), performance.now()];
  await Promise.all(
    open.map(async (connection) => {
      for (const [i, request] of queue) answers[i] = await connection.send(piecesOf(request));
    }),
  );
  const seconds = (performance.now() - begin) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  for (const connection of open) connection.close();
  return { seconds, cpuSeconds: (user + system) / 1e6, answers };
}

function* piecesOf({ method, url, headers, body }: Outgoing): Generator<Uint8Array, void, undefined> {
  const { host, pathname, search } = new URL(url);
  const all = { host, ...headers, "content-length": String(lengthOf(body)) };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  yield Buffer.from(`${method} ${pathname}${search} HTTP/1.1\r\n${lines.join("")}\r\n`);
  for (const part of body) yield* bytesOf(part);
}

function* bytesOf(part: Part): Generator<Uint8Array, void, undefined> {
  if (part.kind === "text") yield Buffer.from(part.text);
  else if (part.kind === "zeros") yield zeros.subarray(0, part.bytes);
  else for (let i = 0; i < part.times; i++) yield pattern.subarray(part.at, part.at + part.bytes);
}

const say = (message: SenderMessage) => process.send?.(message);

process.on("message", (job: Job) => {
  run(job).then(
    (result) => say({ kind: "done", result }),
    (error: unknown) => say({ kind: "failed", reason: String(error) }),
  );
});
say({ kind: "ready" });
