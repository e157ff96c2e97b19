/** One process of the stack: what it needs, how it is started, and when it works. */
export interface Daemon {
  /** Names its pid file, its log and its folder. */
  name: string;
  /** Runs in the foreground; its first word is a path or a name in `bareEnv`'s PATH. */
  command: string[];
  env?: Record<string, string>;
  /** The ports it listens on, all on 127.0.0.1: checked to be free before it is started. */
  ports: number[];
  /**
   * Before every start: makes what is missing in its folder. Needs no other daemon to run, and finishes or makes anew what
   * an earlier one left half-made.
   */
  prepare(): Promise<void>;
  /** Asked again and again: resolves when the daemon works, rejects while it does not. */
  check(): Promise<unknown>;
  /** Once it works, after every start, with the daemons before it in its server working as well. To be run twice with one effect. */
  setUp?(): Promise<void>;
  /** How long it may take from its start until it works; 60 s by default. */
  readyMs?: number;
}
