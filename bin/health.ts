// `bun bin/health.ts [PATH]`: ends with 0 when the gateway (`PORT`) or the workers (`WORKER_PORT`) of this container answer
// `/healthz`, or the path given, with a 2xx.
const { PORT = "8080", WORKER_PORT } = process.env;
const path = process.argv[2] ?? "/healthz";
const answer = await fetch(`http://127.0.0.1:${WORKER_PORT ?? PORT}${path}`, { signal: AbortSignal.timeout(3000) }).catch(
  (error: unknown) => String(error),
);
if (typeof answer === "string" || !answer.ok) {
  process.stderr.write(`${path}: ${typeof answer === "string" ? answer : answer.status}\n`);
  process.exitCode = 1;
}
