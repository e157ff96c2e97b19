/** What is noted of a run while it goes: cheap, since the client shares the machine with what it measures. */
export function createTally(status) {
  const begin = performance.now();
  const tally = { begin, last: begin, latencies: [], wrong: 0, reason: "" };
  return {
    tally,
    answered: (answerStatus, ms) => {
      tally.last = performance.now();
      if (answerStatus === status) tally.latencies.push(ms);
      else fail(`status ${answerStatus}, not ${status}`);
    },
    fail,
  };

  function fail(reason) {
    if (tally.wrong === 0) tally.reason = reason;
    tally.wrong += 1;
  }
}

/** @returns {import("./load_job.ts").LoadResult} */
export function summary({ begin, last, latencies, wrong, reason }) {
  const sorted = Float64Array.from(latencies).toSorted();
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return {
    seconds: (last - begin) / 1000,
    answers: sorted.length,
    wrong,
    reason,
    latency: { p50: at(0.5), p975: at(0.975), p99: at(0.99) },
  };
}
