import type { Message, WorkerName } from "./port.ts";

/** Messages that wait for a consumer. */
export interface Backlog {
  add(message: Message): void;
  /** The longest waiting message for the worker on that node, or, when there is none, on any. */
  take(worker: WorkerName, node: string): Message | undefined;
  clear(): void;
}

/**
 * Messages in memory, first in, first out. One for a row that already waits is merged with it: both say the same.
 *
 * Of each worker and node at most `limit` wait, and past that the oldest is dropped: the row is the truth and the sweep
 * finds it again, whereas a list that grows without end takes the whole process down.
 */
export function createBacklog(limit: number): Backlog {
  const routes = new Map<string, Map<string, Message>>();
  const takeFrom = (route: string): Message | undefined => {
    const waiting = routes.get(route);
    const [first] = waiting?.entries() ?? [];
    if (first) waiting?.delete(first[0]);
    return first?.[1];
  };
  return {
    add(message) {
      const route = routeOf(message.worker, message.node);
      const waiting = routes.get(route) ?? new Map<string, Message>();
      routes.set(route, waiting);
      if (waiting.has(message.id)) return;
      if (waiting.size >= limit) takeFrom(route);
      waiting.set(message.id, message);
    },
    take: (worker, node) => takeFrom(routeOf(worker, node)) ?? takeFrom(routeOf(worker, null)),
    clear: () => routes.clear(),
  };
}

/** Where a message goes: `<worker>.<node>`, or `<worker>.any`. No node is named `any`: see `NODE_ID`. */
export function routeOf(worker: WorkerName, node: string | null): string {
  return `${worker}.${node ?? "any"}`;
}
