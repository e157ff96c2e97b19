import { setImmediate } from "node:timers";

/**
 * Makes one question of all that are asked in one turn of the event loop: a command costs this process more than what
 * it asks for.
 *
 * @param ask answers for many; it is called after all of them have asked.
 */
export function askTogether<T>(ask: (keys: Set<string>) => Promise<T>): (key: string) => Promise<T> {
  let open: { keys: Set<string>; answer: Promise<T> } | undefined;

  function begin() {
    const keys = new Set<string>();
    const { promise, resolve } = Promise.withResolvers<T>();
    setImmediate(() => {
      open = undefined;
      resolve(ask(keys));
    });
    return { keys, answer: promise };
  }

  return (key) => {
    open ??= begin();
    open.keys.add(key);
    return open.answer;
  };
}
