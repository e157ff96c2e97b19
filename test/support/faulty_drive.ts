// `gateway/main.ts` (or, where workers are named, `workers/main.ts`) with a fault: sends its own process a signal, kill -9
// unless another is named, the first time it reaches a point. Only tests start it; the real entries know no faults.
//
//     bun test/support/faulty_drive.ts POINT [SIGNAL [WORKER … | move OPTION …]]
import { banner, serve } from "../../gateway/main.ts";
import { move, work } from "../../workers/main.ts";

const [point, signal = "SIGKILL", ...workers] = process.argv.slice(2);

let isReached = false;
const fault = (reached: string) => {
  if (reached !== point || isReached) return;
  isReached = true;
  process.kill(process.pid, signal);
};

if (workers[0] === "move") await move(workers.slice(1), fault);
else if (workers.length > 0) await work(process.env, workers, fault);
else process.stdout.write(banner(await serve(process.env, fault)));
