import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { connectOnce } from "./connect_once.ts";
import { createControl } from "./control.ts";
import type { Daemon } from "./daemon.ts";
import { runCommand } from "./run_command.ts";

export interface NginxOptions {
  /** Its folder; pid file and log are kept there, and relative paths of the conf start in `nginx/` below it. */
  dir: string;
  /**
   * All of nginx.conf but `daemon`, `pid` and `error_log`, which are given here. Debian's nginx would write the bodies it
   * buffers to /var/lib/nginx: the conf's `http` must give the five `*_temp_path`, such as `client_body_temp_path temp/body;`.
   */
  conf: string;
  /** The ports of 127.0.0.1 that the conf listens on; it has started when all of them answer. */
  ports: number[];
}

export interface Nginx {
  pid: number;
  /** SIGTERM: drops what is under way. */
  stop(): Promise<void>;
  /** kill -9 to the master and its workers. */
  kill(): Promise<void>;
}

/** nginx in the foreground, as a daemon of a folder. Its conf is written, and checked by nginx itself, before each start. */
export function nginxDaemon({ dir, conf, ports }: NginxOptions): Daemon {
  const folder = join(dir, "nginx");
  const options = ["-p", `${folder}/`, "-c", "nginx.conf", "-e", "stderr"];
  const globals = `daemon off; pid ${folder}/nginx.pid; error_log stderr;`;
  return {
    name: "nginx",
    command: ["nginx", ...options, "-g", globals],
    ports,
    prepare: async () => {
      await mkdir(join(folder, "temp"), { recursive: true });
      await writeFile(join(folder, "nginx.conf"), conf);
      await runCommand(["nginx", ...options, "-g", globals, "-t"]);
    },
    check: async () => void (await Promise.all(ports.map(connectOnce))),
  };
}

/**
 * Starts nginx; one that runs already in that folder is taken as it is.
 *
 * @throws {Error} with nginx's own words, when the conf is wrong.
 */
export async function startNginx(options: NginxOptions): Promise<Nginx> {
  const control = createControl(options.dir);
  const pid = await control.start(nginxDaemon(options));
  return { pid, stop: () => control.end("nginx"), kill: () => control.kill("nginx") };
}
