/**
 * The one home of the Redis client: a connection that never keeps anybody waiting. What is sent while there is no
 * connection fails at once, and what is not answered within a second fails then.
 *
 * ```ts
 * const redis = await connectRedis({ url: "redis://:secret@127.0.0.1:6379/0", name: "progress", onError });
 * await redis.run((commands) => commands.set("sluice:a", "1", "PX", 5000));
 * await redis.close();
 * ```
 */
export type { RedisClient } from "./client.ts";
export { connectRedis, type ConnectRedisOptions } from "./connect.ts";
export type { RedisScript } from "./script.ts";
