import autocannon from "autocannon";

import { createTally } from "./tally.mjs";

const timeoutSeconds = 30;
/** Of a run that is bounded by its time, and in which nothing was answered. */
const longestSeconds = 60;

/** Drives requests that have answers, by autocannon. @param {import("./load_job.ts").LoadJob} job */
export function runAnswers({ url, connections, status, traffic }) {
  const { requests, amount } = requestsOf(traffic);
  const { tally, answered, fail } = createTally(status);
  const isHead = (traffic.shot ?? traffic.shots[0]).method === "HEAD";
  const options = {
    url,
    connections,
    requests,
    timeout: timeoutSeconds,
    // It looks this often whether it is done, in milliseconds.
    sampleInt: 10,
    setupClient: isHead ? expectNoBody : undefined,
    ...(amount === undefined ? { duration: longestSeconds } : { amount }),
  };
  return new Promise((resolve, reject) => {
    const run = autocannon(options, (error) => (error ? reject(error) : resolve(tally)));
    run.on("response", (_client, code, _bytes, ms) => answered(code, ms));
    if (amount === undefined) stopAfter(traffic.seconds, () => tally.latencies.length + tally.wrong > 0, run);
    run.on("reqError", (error) => {
      fail(error.message);
      run.stop();
    });
  });
}

/** Ends a run after its time, and not before anything was answered: a request of a chain that is dropped cannot be sent again. */
function stopAfter(seconds, isAnswered, run) {
  const end = performance.now() + seconds * 1000;
  const timer = setInterval(() => {
    if (performance.now() < end || !isAnswered()) return;
    clearInterval(timer);
    run.stop();
  }, 5);
  run.on("done", () => clearInterval(timer));
}

/** @param {import("./load_job.ts").Traffic} traffic */
function requestsOf(traffic) {
  if (traffic.kind === "repeat") return { requests: [requestOf(traffic.shot)] };
  const queue = traffic.shots.map(requestOf);
  let next = 0;
  // autocannon takes what it sends from its defaults, overridden by what is given here.
  const setupRequest = (defaults) => ({ ...defaults, ...queue[next++] });
  if (traffic.kind === "each") return { requests: [{ setupRequest }], amount: queue.length };
  const onResponse = (_status, body) => {
    const { [traffic.field]: value } = JSON.parse(body);
    queue.push({ ...queue[0], body: JSON.stringify({ [traffic.field]: value }) });
  };
  return { requests: [{ setupRequest, onResponse }] };
}

/** @param {Omit<import("./load_job.ts").Shot, "body"> & { body?: Buffer }} shot */
function requestOf({ method, path, headers, body }) {
  return { method, path, headers: { ...headers }, ...(body === undefined ? {} : { body }) };
}

/** RFC 9110, section 9.3.2: what a `Content-Length` tells of, an answer to HEAD does not have. autocannon would wait for it. */
function expectNoBody(client) {
  const onHeaders = client.parser.constructor.kOnHeadersComplete;
  // It sets its own after this.
  queueMicrotask(() => {
    const own = client.parser[onHeaders];
    client.parser[onHeaders] = (info) => {
      own(info);
      return true;
    };
  });
}
