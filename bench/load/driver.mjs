// The client of the bench's small requests, in a process of its own: takes a job as a line of JSON, and answers with another.
// On Node.js, for which autocannon is made: under Bun its sockets take twice the CPU. Node.js 20 runs no TypeScript: hence .mjs.
import { createInterface } from "node:readline";

import { runAnswers } from "./answers.mjs";
import { runStreams } from "./streams.mjs";
import { summary } from "./tally.mjs";

/** @param {import("./load_job.ts").LoadJob} job */
async function run(job) {
  return summary(job.traffic.kind === "stream" ? await runStreams(job) : await runAnswers(job));
}

/** Puts bodies in the place of their numbers. */
function jobOf({ bodies, job }) {
  const bytes = bodies.map((body) => Buffer.from(body, "latin1"));
  for (const shot of job.traffic.shots ?? [job.traffic.shot]) if (shot.body !== undefined) shot.body = bytes[shot.body];
  return job;
}

for await (const line of createInterface({ input: process.stdin })) {
  const said = await run(jobOf(JSON.parse(line))).catch((error) => ({ failed: String(error) }));
  process.stdout.write(`${JSON.stringify(said)}\n`);
}
