import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import { bytesOf, type FileJson, signUp, until } from "../support/client.ts";
import { startDrive } from "../support/drive.ts";
import { ownVhost } from "../support/rabbitmqctl.ts";
import { lacksServers, type RealServers, realServers } from "../support/real_servers.ts";
import { type TestDatabase, testDatabase } from "../support/test_database.ts";
import { startWorkers } from "../support/workers.ts";

setDefaultTimeout(180_000);

describe.skipIf(lacksServers("mysql", "redis", "amqp"))("servers that are spoken to by TLS", () => {
  let servers: RealServers;
  let database: TestDatabase;
  let vhost: Awaited<ReturnType<typeof ownVhost>>;
  /** Whom MySQL does not let in but by TLS. */
  let user: string;
  let urls: Record<"DATABASE_URL" | "REDIS_URL" | "AMQP_URL", string>;

  beforeAll(async () => {
    servers = await realServers("mysql", "redis", "amqp");
    const { tls } = servers.stack;
    database = await testDatabase(servers.stack);
    user = database.name;
    await database.root(`CREATE USER ${user}@'%' IDENTIFIED BY 'strictpassword' REQUIRE SSL`);
    await database.root(`GRANT ALL PRIVILEGES ON ${database.name}.* TO ${user}@'%'`);
    vhost = await ownVhost(servers.stack);
    const mysql = new URL(`/${database.name}?ssl={}`, tls.mysql);
    Object.assign(mysql, { username: user, password: "strictpassword" });
    urls = { DATABASE_URL: mysql.href, REDIS_URL: tls.redis, AMQP_URL: tls.amqp + new URL(vhost.url).pathname };
  });
  afterAll(async () => {
    await vhost[Symbol.asyncDispose]();
    await database.root(`DROP USER ${user}@'%'`);
    await database[Symbol.asyncDispose]();
    await servers[Symbol.asyncDispose]();
  });

  /** Why a drive does not start. */
  const refusal = async (env: Record<string, string>): Promise<string> => {
    const started = await startDrive({ env }).catch(String);
    if (typeof started === "string") return started;
    await started[Symbol.asyncDispose]();
    return "it has started";
  };

  test("carry a drive, and its workers, once their authority is trusted", async () => {
    const env = { ...urls, NODE_EXTRA_CA_CERTS: servers.stack.tls.ca };
    await using drive = await startDrive({ env });
    await using _workers = await startWorkers({ dataDir: drive.dataDir, env });
    const client = await signUp(drive.url);
    const { id } = await client.upload("a.bin", bytesOf(100_000));
    await until(
      async (): Promise<FileJson> => (await client.fetch(`/file/query?id=${id}`)).json() as Promise<FileJson>,
      ({ state }) => state === "stored",
    );
    const ready = await (await fetch(`${drive.url}/readyz`)).json();
    const up = (engine: string) => ({ engine, ok: true, needed: expect.any(Boolean) });
    expect(ready).toMatchObject({ ports: { catalog: up("mysql"), progress: up("redis"), queue: up("rabbitmq") } });
  });

  test.each(["DATABASE_URL", "REDIS_URL", "AMQP_URL"] as const)("are not believed without that: %s", async (variable) => {
    const refused = await refusal({ [variable]: urls[variable] });
    expect(refused).toContain(variable);
    expect(refused).toMatch(/self.signed certificate|SELF_SIGNED_CERT_IN_CHAIN/i);
    expect(refused).not.toContain(new URL(urls[variable]).password);
  });

  test.each(["DATABASE_URL", "REDIS_URL", "AMQP_URL"] as const)("are not believed under another name: %s", async (variable) => {
    const elsewhere = urls[variable].replace("@localhost:", "@127.0.0.1:");
    const refused = await refusal({ [variable]: elsewhere, NODE_EXTRA_CA_CERTS: servers.stack.tls.ca });
    expect(refused).toContain(variable);
    expect(refused).toMatch(/does not match certificate|ERR_TLS_CERT_ALTNAME_INVALID/);
  });
});
