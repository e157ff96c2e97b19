import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A drive in a process of its own, as `npm start` runs it, on a free port and a folder of its own. */
export interface Drive {
  url: string;
  dataDir: string;
  pid: number;
  /** What the process wrote to stdout and stderr so far. */
  output: () => string;
  /** Resolves with the exit code (or signal) once the process has ended. */
  exited: Promise<number | string>;
  /** SIGTERM, and waits until it has ended. */
  stop(): Promise<number | string>;
  /** kill -9, and waits until it has ended. */
  kill(): Promise<void>;
  /** Starts a new process on the same folder (and port), after the old one has ended. */
  restart(env?: Record<string, string>): Promise<Drive>;
  /** Stops and removes the folder. */
  [Symbol.asyncDispose](): Promise<void>;
}

export interface DriveOptions {
  env?: Record<string, string>;
  /** The program: `gateway/main.ts`, or one of the tests' own that hands in a fault. */
  program?: string;
  args?: string[];
  /** Where its data lies; a new temporary folder by default. */
  dataDir?: string;
}

const root = join(import.meta.dir, "../..");

/** Short times, so that what waits hours in production shows in a test. */
const testEnv = { LOG_LEVEL: "info", SWEEP_EVERY: "200ms", PURGE_AFTER: "500ms", LEASE_TTL: "2s", SHUTDOWN_MS: "5000" };

/**
 * Starts a drive and waits until it listens.
 *
 * @throws {Error} with what it wrote, when it ends before that.
 */
export async function startDrive(options: DriveOptions = {}): Promise<Drive> {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), "sluice-")));
  const child = Bun.spawn([process.execPath, options.program ?? "gateway/main.ts", ...(options.args ?? [])], {
    cwd: root,
    env: { PATH: process.env["PATH"] ?? "", HOST: "127.0.0.1", PORT: "0", ...testEnv, ...options.env, DATA_DIR: dataDir },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  let output = "";
  const listening = Promise.withResolvers<string>();
  const read = async (stream: ReadableStream<Uint8Array>) => {
    const decoder = new TextDecoder();
    for await (const piece of stream) {
      output += decoder.decode(piece, { stream: true });
      const url = /listens on (http:\/\/\S+)/.exec(output)?.[1];
      if (url !== undefined) listening.resolve(url);
    }
  };
  const exited = Promise.all([child.exited, read(child.stdout), read(child.stderr)]).then(
    () => child.signalCode ?? child.exitCode ?? -1,
  );
  const early = exited.then((code) => {
    throw new Error(`the drive ended with ${code} before it listened:\n${output}`);
  });
  const url = await Promise.race([listening.promise, early]);
  early.catch(() => {
    // It listened; that it ends later is what `exited` tells.
  });
  const end = async (signal: "SIGTERM" | "SIGKILL") => {
    child.kill(signal);
    return await exited;
  };
  return {
    url,
    dataDir,
    pid: child.pid,
    output: () => output,
    exited,
    stop: () => end("SIGTERM"),
    kill: async () => void (await end("SIGKILL")),
    restart: async (env) => {
      await exited;
      return await startDrive({ ...options, dataDir, env: { ...options.env, PORT: new URL(url).port, ...env } });
    },
    [Symbol.asyncDispose]: async () => {
      await end("SIGTERM");
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
