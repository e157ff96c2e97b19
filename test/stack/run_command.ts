export interface RunOptions {
  env?: Record<string, string>;
  /** Milliseconds after which it is ended; 60 s by default. */
  timeoutMs?: number;
}

/** The programs of servers lie in sbin, which the PATH of a plain user lacks. */
const path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** What every server and tool gets to see of this process's environment: nothing that would change how it works. */
export const bareEnv = { PATH: path, LANG: "C.UTF-8" };

/**
 * Runs a tool to its end.
 *
 * @returns what it wrote to stdout.
 * @throws {Error} with the last lines it wrote, when it fails or takes too long.
 */
export async function runCommand(command: string[], { env, timeoutMs = 60_000 }: RunOptions = {}): Promise<string> {
  const child = Bun.spawn(command, {
    env: { ...bareEnv, ...env },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    timeout: timeoutMs,
    killSignal: "SIGKILL",
  });
  const [out, err] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  if (child.exitCode === 0) return out;
  const ending = child.exitCode ?? child.signalCode;
  throw new Error(`${command[0]} ended with ${ending}:\n${lastLines(`${out}${err}`)}`);
}

function lastLines(text: string): string {
  return text.trim().split("\n").slice(-20).join("\n");
}
