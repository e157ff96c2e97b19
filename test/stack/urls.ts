import { type S3Access, s3Access } from "./ceph.ts";
import { certificateOf } from "./certificate.ts";
import type { Site } from "./site.ts";

/** Where the servers of a folder are, whether they run or not: ports and passwords stay. */
export interface StackUrls {
  /** The primary, for the user `sluice` on the database `sluice`. */
  mysql: string;
  /** The replica, for the same user. */
  replica: string;
  redis: string;
  amqp: string;
  s3: S3Access;
  /** Primary and replica for root, with no database chosen: for tests that make databases or let the replica lag. */
  root: { mysql: string; replica: string };
  /** The same servers, as who insists on TLS reaches them. */
  tls: {
    /** Path of the authority that vouches for them (PEM). */
    ca: string;
    mysql: string;
    redis: string;
    amqp: string;
  };
}

export async function stackUrls(site: Site): Promise<StackUrls> {
  const { secrets } = site;
  const at = async (name: string) => `127.0.0.1:${await site.port(name)}`;
  const mysql = `mysql://sluice:${secrets.mysql}@${await at("mysql")}/sluice`;
  return {
    mysql,
    replica: `mysql://sluice:${secrets.mysql}@${await at("replica")}/sluice`,
    redis: `redis://:${secrets.redis}@${await at("redis")}`,
    amqp: `amqp://sluice:${secrets.amqp}@${await at("amqp")}`,
    s3: await s3Access(site),
    root: {
      mysql: `mysql://root:${secrets.mysqlRoot}@${await at("mysql")}`,
      replica: `mysql://root:${secrets.mysqlRoot}@${await at("replica")}`,
    },
    tls: {
      ca: certificateOf(site.dir).ca,
      mysql: `${mysql.replace("127.0.0.1", "localhost")}?ssl={}`,
      redis: `rediss://:${secrets.redis}@localhost:${await site.port("redis-tls")}`,
      amqp: `amqps://sluice:${secrets.amqp}@localhost:${await site.port("amqp-tls")}`,
    },
  };
}
