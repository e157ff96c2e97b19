import { join } from "node:path";

/** A program of the drive's own in a process of its own. */
export interface Child {
  pid: number;
  /** What it wrote to stdout and stderr so far. */
  output: () => string;
  /** Resolves with the exit code (or signal) once it has ended. */
  exited: Promise<number | string>;
  /** Sends a signal. */
  signal(signal: NodeJS.Signals): void;
  /** What the program's first words were: the match of `ready`. */
  ready: RegExpExecArray;
}

export interface ChildOptions {
  program: string;
  args: string[];
  env: Record<string, string>;
  /** Found in its output once it works; `/^/` for one that may end before it says anything. */
  ready: RegExp;
}

const root = join(import.meta.dir, "../..");

/** Short times, so that what waits hours in production shows in a test. */
export const testEnv = {
  // As bin/run.mjs has it.
  BUN_CONFIG_MAX_HTTP_REQUESTS: "65535",
  LOG_LEVEL: "info",
  SWEEP_EVERY: "200ms",
  PURGE_AFTER: "500ms",
  LEASE_TTL: "2s",
  SHUTDOWN_MS: "5000",
};

/**
 * Starts a program and waits until it is ready.
 *
 * @throws {Error} with what it wrote, when it ends before that.
 */
export async function startChild({ program, args, env, ready }: ChildOptions): Promise<Child> {
  const child = Bun.spawn([process.execPath, program, ...args], {
    cwd: root,
    env: { PATH: process.env["PATH"] ?? "", HOST: "127.0.0.1", PORT: "0", ...testEnv, ...env },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  let output = "";
  const isReady = Promise.withResolvers<RegExpExecArray>();
  const look = () => {
    const match = ready.exec(output);
    if (match !== null) isReady.resolve(match);
  };
  look();
  const read = async (stream: ReadableStream<Uint8Array>) => {
    const decoder = new TextDecoder();
    for await (const piece of stream) {
      output += decoder.decode(piece, { stream: true });
      look();
    }
  };
  const reading = Promise.all([child.exited, read(child.stdout), read(child.stderr)]);
  const exited = reading.then(() => child.signalCode ?? child.exitCode ?? -1);
  const early = exited.then((code) => {
    throw new Error(`${program} ended with ${code} before it was ready:\n${output}`);
  });
  const match = await Promise.race([isReady.promise, early]);
  early.catch(() => {
    // It was ready; that it ends later is what `exited` tells.
  });
  return { pid: child.pid, output: () => output, exited, signal: (signal) => child.kill(signal), ready: match };
}

/** Resolves with how a process ended, or says that it did not. */
export async function ending({ exited }: Pick<Child, "exited">): Promise<number | string> {
  return await Promise.race([exited, Bun.sleep(30_000).then(() => "it has not ended")]);
}
