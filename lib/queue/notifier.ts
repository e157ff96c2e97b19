/** Hints within one process: the half of `Queue` that every engine shares. */
export interface Notifier {
  notify(topic: string): void;
  /** @returns a function that stops listening; it is not called again after that. */
  onNotify(listener: (topic: string) => void): () => void;
  /** Forgets listeners and what was not yet told. */
  close(): void;
}

/**
 * Tells listeners of topics, each topic once however often it was named in the same turn: a hint says "look again", and
 * a hundred chunks that arrive together need one look. A listener that throws is reported and keeps no other from
 * hearing.
 */
export function createNotifier(onError: (error: unknown) => void): Notifier {
  // Boxed, so that a function that listens twice is two listeners.
  const listeners = new Set<{ hear: (topic: string) => void }>();
  const named = new Set<string>();
  const tell = (topic: string) => {
    for (const { hear } of listeners) {
      try {
        hear(topic);
      } catch (error) {
        onError(error);
      }
    }
  };
  const flush = () => {
    const topics = [...named];
    named.clear();
    for (const topic of topics) tell(topic);
  };
  return {
    notify(topic) {
      if (named.size === 0) queueMicrotask(flush);
      named.add(topic);
    },
    onNotify(hear) {
      const listener = { hear };
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    close() {
      listeners.clear();
      named.clear();
    },
  };
}
