import { ceph } from "./ceph.ts";
import type { Daemon } from "./daemon.ts";
import { mariadb } from "./mariadb.ts";
import { rabbitmq } from "./rabbitmq.ts";
import { redis } from "./redis.ts";
import type { Site } from "./site.ts";

/** What a stack is made of, by the names of the drive's ports. Each is one or more daemons, to be started in that order. */
const makers = { mysql: mariadb, redis, amqp: rabbitmq, s3: ceph };

export type Server = keyof typeof makers;

export const allServers: readonly Server[] = ["mysql", "redis", "amqp", "s3"];

/** The daemons of every server of a site, whether it is to be started or not. */
export async function makeDaemons(site: Site): Promise<Record<Server, Daemon[]>> {
  const [mysql, redis, amqp, s3] = await Promise.all([
    makers.mysql(site),
    makers.redis(site),
    makers.amqp(site),
    makers.s3(site),
  ]);
  return { mysql, redis, amqp, s3 };
}
