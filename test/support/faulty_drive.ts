// `gateway/main.ts` with a fault: ends its own process, as kill -9 would, the first time it reaches the point named by
// the first argument. Only tests start it; the real entry knows no faults.
import { banner, serve } from "../../gateway/main.ts";

const [point] = process.argv.slice(2);

const gateway = await serve(process.env, (reached) => {
  if (reached === point) process.kill(process.pid, "SIGKILL");
});
process.stdout.write(banner(gateway));
