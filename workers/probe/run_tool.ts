/** What a program made of its input. */
export interface ToolResult {
  /** It ended by itself, with 0, and said no more than it may. */
  ok: boolean;
  output: Uint8Array;
  /** How it ended, for the log. */
  note: string;
}

export interface ToolLimits {
  /** Seconds of the clock, and of a processor. */
  seconds: number;
  /** Bytes of address space. */
  memoryBytes: number;
  /** Bytes of output. */
  outputBytes: number;
}

/** Tried in this order: the first needs root, the second user namespaces. */
const isolations = [
  ["unshare", "--net", "--"],
  ["unshare", "--map-root-user", "--net", "--"],
];
/**
 * Has the kernel kill a tool when the process that started it dies of whatever (prctl(2), PR_SET_PDEATHSIG): nobody else
 * would end one that hangs. The shell ends one whose starter was dead before that was asked for.
 */
const deathSignal = ["setpriv", "--pdeathsig", "KILL", "--", "sh", "-c", 'test "$PPID" = "$0" && exec "$@"', String(process.pid)];
let wrapping: string[] | undefined;

/**
 * Runs a program on bytes that nobody vouches for: killed when its time is up, with limits on processor time, address
 * space and files written, without environment and, where the system lets us, without a network, and killed with this process.
 *
 * @throws the reason of `signal`, once that is aborted and the program is dead.
 */
export async function runTool(command: string[], limits: ToolLimits, signal: AbortSignal): Promise<ToolResult> {
  signal.throwIfAborted();
  const child = Bun.spawn([...(wrapping ??= findWrapping()), ...limitsOf(limits), ...command], {
    cwd: "/",
    env: { PATH: process.env["PATH"] ?? "/usr/bin:/bin" },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "ignore",
    killSignal: "SIGKILL",
    timeout: limits.seconds * 1000,
    signal,
  });
  const output = await readUpTo(child.stdout, limits.outputBytes);
  if (output === null) child.kill("SIGKILL");
  await child.exited;
  signal.throwIfAborted();
  const note = output === null ? "its output was too long" : `it ended with ${child.signalCode ?? child.exitCode}`;
  return { ok: output !== null && child.exitCode === 0, output: output ?? new Uint8Array(), note };
}

function limitsOf({ seconds, memoryBytes }: ToolLimits): string[] {
  if (Bun.which("prlimit") === null) return [];
  return ["prlimit", `--as=${memoryBytes}`, `--cpu=${seconds}`, "--fsize=0", "--core=0", "--"];
}

function findWrapping(): string[] {
  return [...(isolations.find(works) ?? []), ...(works(deathSignal) ? deathSignal : [])];
}

function works([program = "", ...args]: string[]): boolean {
  if (Bun.which(program) === null) return false;
  return Bun.spawnSync([program, ...args, "true"], { stdout: "ignore", stderr: "ignore" }).success;
}

/** @returns `null` when there is more than `max`. */
async function readUpTo(stream: ReadableStream<Uint8Array>, max: number): Promise<Uint8Array | null> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of stream) {
    size += piece.byteLength;
    if (size > max) return null;
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}
