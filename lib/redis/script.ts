import type { Redis } from "ioredis";

/** Runs a script on the server. Buffers arrive as the bytes they are. */
export type RedisScript = (keys: string[], args: (string | number | Buffer)[]) => Promise<unknown>;

/**
 * Gives a connection a command of its own. It is sent by its hash, and whole to a server that does not know it (any more).
 *
 * @param name in camel case, begun with `sluice`: it becomes a member of the connection.
 */
export function defineScript(redis: Redis, name: `sluice${string}`, lua: string): RedisScript {
  redis.defineCommand(name, { lua });
  const command: unknown = Reflect.get(redis, name);
  if (typeof command !== "function") throw new TypeError(`ioredis has not made a command of ${name}`);
  return async (keys, args) => (await Reflect.apply(command, redis, [keys.length, ...keys, ...args])) as unknown;
}
