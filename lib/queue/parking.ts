import { routeOf } from "./backlog.ts";
import type { Message, ParkedMessage } from "./port.ts";

/** Messages in memory that wait for a person. */
export interface Parking {
  add(message: Message, reason: string): void;
  /** The oldest first. */
  list(limit: number): ParkedMessage[];
  count(): number;
  /** @returns what it held. */
  clear(): Message[];
}

/** Of so many, `limit`; past it the oldest is dropped, for the reason given at `createBacklog`. */
export function createParking(limit: number): Parking {
  const parked = new Set<ParkedMessage & { message: Message }>();
  return {
    add(message, reason) {
      const [oldest] = parked;
      if (oldest && parked.size >= limit) parked.delete(oldest);
      const route = routeOf(message.worker, message.node);
      parked.add({ message, reason, route, parkedAt: Date.now(), body: JSON.stringify(message) });
    },
    list: (limit) => [...parked.values().take(limit)],
    count: () => parked.size,
    clear() {
      const messages = [...parked].map(({ message }) => message);
      parked.clear();
      return messages;
    },
  };
}
