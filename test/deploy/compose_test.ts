import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { cp, mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { configSchema, parseConfig } from "#lib/config/mod.ts";
import { workerNames } from "#lib/queue/mod.ts";

import { fromEnv } from "../../nginx/from_env.ts";
import { renderConf } from "../../nginx/render.ts";
import { workersNamed } from "../../workers/all.ts";
import { mariadbCommonSettings, mariadbSettings } from "../stack/mariadb.ts";
import { lacksServers, realServers } from "../support/real_servers.ts";
import { readCompose, root, type Service } from "./compose.ts";

const { services, secrets, volumes } = await readCompose();
const ours = Object.entries(services).filter(([, { image }]) => image === "sluice");
const named = (name: string): Service => services[name] ?? expect.unreachable(`there is no service ${name}`);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-compose-"));
  await run(["bun", "bin/secrets.ts", join(folder, "secrets")]);
});
afterAll(() => rm(folder, { recursive: true }));

async function run(command: string[], options: { cwd?: string; env?: Record<string, string> } = {}) {
  const env = { ...process.env, ...options.env };
  const child = Bun.spawn(command, { cwd: options.cwd ?? root, env, stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const [out, err, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  expect({ code, err: code === 0 ? "" : err }).toEqual({ code: 0, err: "" });
  return out;
}

/** Debian's own, which needs no engine for this; in CI it is installed. */
const cannotValidate = process.env["CI"] === undefined && Bun.which("docker-compose") === null;

describe("docker-compose.yml", () => {
  test.skipIf(cannotValidate)("is what docker-compose takes", async () => {
    await cp(join(root, "docker-compose.yml"), join(folder, "docker-compose.yml"));
    const config = await run(["docker-compose", "--profile", "ceph", "config"], { cwd: folder });
    expect(Object.keys((Bun.YAML.parse(config) as { services: object }).services).toSorted()).toEqual(
      Object.keys(services).toSorted(),
    );
  });

  test("sets no variable that the drive does not know, and every set of them is a whole configuration", () => {
    const known = new Set(Object.keys(configSchema.shape).flatMap((name) => [name, `${name}_FILE`]));
    const drives = ours.filter(([name]) => name !== "front-conf");
    expect(drives.length).toBe(5);
    for (const [name, { environment = {} }] of drives) {
      expect(
        Object.keys(environment).filter((variable) => !known.has(variable)),
        name,
      ).toEqual([]);
      const set = Object.entries(environment).map(([variable, value]) => [
        variable,
        value.replace("/run/secrets", join(folder, "secrets")).replace(/^\$\{\w+:-(.*)\}$/, "$1"),
      ]);
      expect(parseConfig(Object.fromEntries(set)).DATABASE_URL, name).toStartWith("mysql://sluice:");
    }
  });

  test("gives nginx a conf that the front's program makes of its variables", async () => {
    const { environment = {} } = named("front-conf");
    const values = Object.entries(environment).map(([name, value]) => [name, value.replace(/^\$\{\w+:?-(.*)\}$/, "$1")] as const);
    const known = Object.keys(fromEnv({}));
    const camel = (name: string) => name.toLowerCase().replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
    const valueOf = (name: string) => (name === "NGINX_STORE" ? "stores" : camel(name.replace("NGINX_", "")));
    const isKnown = (name: string) => known.includes(valueOf(name)) || name.startsWith("NGINX_TLS_");
    expect(values.filter(([name]) => !isKnown(name))).toEqual([]);
    const conf = renderConf(fromEnv(Object.fromEntries(values)));
    for (const text of ["server gateway-1:8080", "server gateway-2:8080", "/data/node-2", "listen 0.0.0.0:8080"])
      expect(conf).toContain(text);
  });

  test("uses the secrets that bin/secrets.ts makes, and no others; a second run leaves them as they are", async () => {
    const made = new Set(await readdir(join(folder, "secrets")));
    for (const { file } of Object.values(secrets)) expect([...made]).toContain(file.replace("secrets/", ""));
    for (const [name, { secrets: used = [] }] of Object.entries(services)) {
      expect(
        used.filter((secret) => !(secret in secrets)),
        name,
      ).toEqual([]);
    }
    const read = () => Promise.all([...made].map((name) => readFile(join(folder, "secrets", name), "utf8")));
    const before = await read();
    expect(await run(["bun", "bin/secrets.ts", join(folder, "secrets")])).toBe("");
    expect(await read()).toEqual(before);
    expect((await stat(join(folder, "secrets"))).mode & 0o777).toBe(0o700);
  });

  test("runs the programs that the stack runs natively", () => {
    for (const [name, { command = [] }] of ours) {
      const [, program = ""] = /\bbun (\S+\.ts)/.exec(command.join(" ")) ?? [];
      expect(program, name).not.toBe("");
      expect(existsSync(join(root, program)), name).toBe(true);
    }
    for (const worker of ["worker-1", "worker-2"]) {
      const names = workersNamed(named(worker).command?.slice(2) ?? []).map(({ name }) => name);
      expect(names.toSorted()).toEqual([...workerNames].toSorted());
    }
    const flags = (own: string[]) => ["mariadbd", ...[...own, ...mariadbCommonSettings].map((flag) => `--${flag}`)].toSorted();
    expect(named("mysql").command?.toSorted()).toEqual(flags(mariadbSettings.mysql));
    expect(named("mysql-replica").command?.toSorted()).toEqual(flags(mariadbSettings.replica));
  });

  test("sets up databases by the very SQL that the stack runs", () => {
    for (const name of ["mysql", "mysql-replica"]) {
      expect(named(name).volumes).toContain("./test/stack/init.sql:/sluice/init.sql:ro");
      expect(named(name).volumes).toContain("./db/mariadb-init.sh:/docker-entrypoint-initdb.d/sluice.sh:ro");
    }
    expect(named("mysql-replica").environment?.["PRIMARY_HOST"]).toBe("mysql");
    expect(named("mysql").environment).not.toHaveProperty("PRIMARY_HOST");
  });

  test("shows nothing but nginx, runs nothing as root that stays, and keeps nothing outside its volumes", () => {
    for (const [name, service] of Object.entries(services)) {
      expect(service.ports === undefined, name).toBe(name !== "nginx");
      const mounted = service.volumes?.map((volume) => volume.split(":")[0] ?? "").filter((source) => !source.startsWith("."));
      expect(mounted?.filter((source) => !(source in volumes)) ?? [], name).toEqual([]);
      // Ceph's image for trying out is all of a cluster, and wants to be root.
      if (name === "ceph") continue;
      expect(service.read_only, name).toBe(true);
      if (service.restart === "no") continue;
      expect(service.user, name).toMatch(/^[1-9]\d*:/);
      expect(service.healthcheck !== undefined || service.image === "sluice", name).toBe(true);
    }
  });

  test("waits for what a service cannot start without, and migrates once", () => {
    for (const [name, { depends_on = {} }] of Object.entries(services)) {
      expect(
        Object.keys(depends_on).filter((other) => !(other in services)),
        name,
      ).toEqual([]);
      for (const [other, { condition }] of Object.entries(depends_on)) {
        expect(condition, `${name} → ${other}`).toBe(
          named(other).restart === "no" ? "service_completed_successfully" : "service_healthy",
        );
      }
    }
    for (const name of ["gateway-1", "gateway-2", "worker-1", "worker-2"])
      expect(named(name).depends_on).toHaveProperty("migrate");
  });

  test("gives each node's gateway, workers and nginx the same folder", () => {
    for (const node of ["1", "2"]) {
      for (const role of ["gateway", "worker"]) {
        expect(named(`${role}-${node}`).volumes).toEqual([`node-${node}:/data`]);
        expect(named(`${role}-${node}`).environment?.["NODE_ID"]).toBe(`node-${node}`);
      }
      expect(named("nginx").volumes).toContain(`node-${node}:/data/node-${node}:ro`);
    }
  });
});

describe.skipIf(lacksServers("mysql"))("the script that sets up a database container", () => {
  test("runs on a real server, through what the image's entrypoint gives it", async () => {
    await using servers = await realServers("mysql");
    const url = new URL(servers.stack.root.mysql);
    const client = `mariadb --host=127.0.0.1 --port=${url.port} --user=root`;
    const script = `docker_process_sql() { ${client} "$@"; }; set -eo pipefail; . db/mariadb-init.sh`;
    const env = { MYSQL_PWD: url.password, SECRETS_DIR: join(folder, "secrets"), INIT_SQL: join(root, "test/stack/init.sql") };
    await run(["bash", "-c", script], { env });
    expect(await run(["bash", "-c", `${client} -e 'show databases'`], { env })).toContain("sluice");
  });
});
