/** Work that nobody awaits, kept in sight. */
export interface TaskSet {
  add(name: string, task: Promise<unknown> | (() => Promise<unknown>)): void;
  /** The names of what still runs. */
  names(): string[];
  /** Resolves once nothing runs, what was added meanwhile included. */
  idle(): Promise<void>;
}

/** @param onError told what a task rejected with (or threw). Must not throw. */
export function createTaskSet(onError: (error: unknown, name: string) => void): TaskSet {
  const running = new Map<Promise<void>, string>();
  const watch = async (name: string, task: Promise<unknown> | (() => Promise<unknown>)) => {
    try {
      await (typeof task === "function" ? task() : task);
    } catch (error) {
      onError(error, name);
    }
  };
  return {
    add(name, task) {
      const ended = watch(name, task).finally(() => running.delete(ended));
      running.set(ended, name);
    },
    names: () => [...running.values()],
    async idle() {
      while (running.size > 0) await Promise.all(running.keys());
    },
  };
}
