// `bun bin/secrets.ts [DIR]`: makes the secrets that docker-compose.yml hands to its containers, each once, in `secrets/`:
// what is there already stays. Every password is random, and hexadecimal, so that no conf, URL or SQL needs to escape it.
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

const dir = process.argv[2] ?? "secrets";
// The folder keeps people of this machine out; the files must be readable by the containers' users.
await mkdir(dir, { recursive: true, mode: 0o700 });
await chmod(dir, 0o700);

const random = () => randomBytes(24).toString("hex");

async function make(name: string, text: string): Promise<string> {
  const path = join(dir, name);
  if (existsSync(path)) return (await readFile(path, "utf8")).trim();
  await writeFile(path, `${text}\n`, { mode: 0o644, flag: "wx" });
  process.stdout.write(`made ${path}\n`);
  return text;
}

await make("mysql_root_password", random());
await make("mysql_replication_password", random());
const mysql = await make("mysql_password", random());
await make("database_url", `mysql://sluice:${mysql}@mysql:3306/sluice`);
await make("database_replica_urls", `mysql://sluice:${mysql}@mysql-replica:3306/sluice`);

const redis = await make("redis_password", random());
await make("redis.conf", `requirepass ${redis}\nappendonly yes\nappendfsync everysec\nsave ""`);
await make("redis_url", `redis://:${redis}@redis:6379`);

const amqp = await make("rabbitmq_password", random());
await make("rabbitmq.conf", `default_user = sluice\ndefault_pass = ${amqp}\nloopback_users = none`);
await make("amqp_url", `amqp://sluice:${amqp}@rabbitmq:5672`);

const [accessKey, secretKey] = [await make("s3_access_key", random().slice(0, 20)), await make("s3_secret_key", random())];
await make("ceph.env", `CEPH_DEMO_ACCESS_KEY=${accessKey}\nCEPH_DEMO_SECRET_KEY=${secretKey}`);
await make("store_url", `s3:http://${accessKey}:${secretKey}@ceph:8080/sluice?region=default&pathStyle=true`);

await make("token_keys", `first:${randomBytes(32).toString("base64url")}`);
