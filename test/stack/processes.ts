import { mkdir, open, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";

import { systemCode } from "#lib/errors/mod.ts";

import { groupRuns, startTicks } from "./process_state.ts";
import { bareEnv } from "./run_command.ts";

export interface ProcessSpec {
  name: string;
  command: string[];
  env?: Record<string, string>;
}

/** The processes of one folder, each by its name: they outlive the program that started them, and are found again. */
export interface Processes {
  /** Of those that were started and not yet ended by it. */
  names(): Promise<string[]>;
  /** The pid of the running one, or `null`. */
  pid(name: string): Promise<number | null>;
  /** Starts one in a session of its own, writing to `log/<name>.log`; its folder `<name>/` is its working directory. */
  spawn(spec: ProcessSpec): Promise<number>;
  /** Ends one, if it runs, and waits until it has: SIGTERM, and SIGKILL once `timeoutMs` (20 s by default) are over. */
  end(name: string, timeoutMs?: number): Promise<void>;
  /** SIGKILL to it and its children, and waits until it has ended. */
  kill(name: string): Promise<void>;
  /** The last lines of its log. */
  logTail(name: string): Promise<string>;
}

/** Sent one after the other, each with the milliseconds that it has. */
type Signals = [signal: "SIGTERM" | "SIGKILL", timeoutMs: number][];

export function createProcesses(dir: string): Processes {
  const pidFile = (name: string) => join(dir, "run", `${name}.pid`);
  const logFile = (name: string) => join(dir, "log", `${name}.log`);

  const names = async () => {
    await mkdir(join(dir, "run"), { recursive: true });
    return (await readdir(join(dir, "run"))).map((file) => basename(file, ".pid"));
  };

  const pid = async (name: string): Promise<number | null> => {
    const [pid = "", ticks] = (await readIfThere(pidFile(name))).trim().split(" ");
    return ticks !== undefined && (await startTicks(Number(pid))) === ticks ? Number(pid) : null;
  };

  const spawn = async ({ name, command, env }: ProcessSpec): Promise<number> => {
    const cwd = join(dir, name);
    for (const folder of [cwd, join(dir, "run"), join(dir, "log")]) await mkdir(folder, { recursive: true });
    await using log = await open(logFile(name), "a", 0o600);
    // A session of its own: else the Ctrl-C that ends this program ends the databases before it could do so in order.
    const child = Bun.spawn(command, {
      cwd,
      env: { ...bareEnv, HOME: cwd, TMPDIR: cwd, ...env },
      stdin: "ignore",
      stdout: log.fd,
      stderr: log.fd,
      detached: true,
    });
    child.unref();
    await writeFile(pidFile(name), `${child.pid} ${(await startTicks(child.pid)) ?? "ended"}\n`);
    return child.pid;
  };

  const finish = async (name: string, signals: Signals) => {
    const running = await pid(name);
    const hasEnded = running === null || (await endGroup(running, signals));
    if (!hasEnded)
      throw new Error(`${name} (pid ${running}) has not ended after ${signals.map(([signal]) => signal).join(" and ")}`);
    await rm(pidFile(name), { force: true });
  };
  const kill = async (name: string) => await finish(name, [["SIGKILL", 10_000]]);
  const end = async (name: string, timeoutMs = 20_000) =>
    await finish(name, [
      ["SIGTERM", timeoutMs],
      ["SIGKILL", 10_000],
    ]);

  const logTail = async (name: string) => (await readIfThere(logFile(name))).trim().split("\n").slice(-20).join("\n");
  return { names, pid, spawn, end, kill, logTail };
}

/** @returns whether the process and its children have ended. One that is asked to end asks its children itself. */
async function endGroup(leader: number, signals: Signals): Promise<boolean> {
  for (const [signal, timeoutMs] of signals) {
    send(signal === "SIGKILL" ? -leader : leader, signal);
    for (const until = Date.now() + timeoutMs; Date.now() < until; await Bun.sleep(10)) {
      // The second asks all processes of the machine, and so comes last.
      if ((await startTicks(leader)) === null && !(await groupRuns(leader))) return true;
    }
  }
  return false;
}

/** To a process, or (negative) to all of its group. */
function send(pid: number, signal: "SIGTERM" | "SIGKILL"): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // It has ended meanwhile, which is what was wanted.
    if (systemCode(error) !== "ESRCH") throw error;
  }
}

async function readIfThere(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (systemCode(error) === "ENOENT") return "";
    throw error;
  }
}
