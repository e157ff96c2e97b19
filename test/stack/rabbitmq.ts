import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { connect } from "amqplib";

import { type Certificate, certificateOf } from "./certificate.ts";
import { connectOnce } from "./connect_once.ts";
import type { Daemon } from "./daemon.ts";
import type { Site } from "./site.ts";

/** The queue: one RabbitMQ node, with a port for TLS, and an `epmd` of its own, by which Erlang nodes find each other. */
export async function rabbitmq(site: Site): Promise<Daemon[]> {
  const epmdPort = await site.port("epmd");
  const [port, distPort, tlsPort] = [await site.port("amqp"), await site.port("amqp-dist"), await site.port("amqp-tls")];
  const dir = join(site.dir, "amqp");
  const epmd: Daemon = {
    name: "epmd",
    command: ["epmd", "-port", `${epmdPort}`, "-address", "127.0.0.1"],
    ports: [epmdPort],
    prepare: async () => {},
    check: () => connectOnce(epmdPort),
  };
  const node: Daemon = {
    name: "amqp",
    // The one in /usr/sbin changes the user first.
    command: ["/usr/lib/rabbitmq/bin/rabbitmq-server"],
    env: env(dir, { port, distPort, epmdPort }),
    ports: [port, distPort, tlsPort],
    prepare: () => prepare(dir, site.secrets, tlsConf(certificateOf(site.dir), tlsPort)),
    check: async () => {
      const url = `amqp://sluice:${site.secrets.amqp}@127.0.0.1:${port}`;
      await (await connect(url, { timeout: 3000 })).close();
    },
  };
  return [epmd, node];
}

/** Every path is given: one that is not lies in /etc, in /var or at the root of the disk. */
function env(
  dir: string,
  { port, distPort, epmdPort }: Record<"port" | "distPort" | "epmdPort", number>,
): Record<string, string> {
  return {
    HOME: dir,
    RABBITMQ_NODENAME: "sluice@localhost",
    RABBITMQ_CONF_ENV_FILE: join(dir, "rabbitmq-env.conf"),
    RABBITMQ_CONFIG_FILE: join(dir, "rabbitmq.conf"),
    RABBITMQ_ADVANCED_CONFIG_FILE: join(dir, "advanced.config"),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(dir, "enabled_plugins"),
    RABBITMQ_MNESIA_BASE: join(dir, "mnesia"),
    RABBITMQ_LOG_BASE: join(dir, "log"),
    RABBITMQ_GENERATED_CONFIG_DIR: join(dir, "generated"),
    RABBITMQ_SCHEMA_DIR: join(dir, "schema"),
    RABBITMQ_PID_FILE: join(dir, "rabbitmq.pid"),
    RABBITMQ_NODE_IP_ADDRESS: "127.0.0.1",
    RABBITMQ_NODE_PORT: `${port}`,
    RABBITMQ_DIST_PORT: `${distPort}`,
    ERL_EPMD_PORT: `${epmdPort}`,
    ERL_EPMD_ADDRESS: "127.0.0.1",
    ERL_CRASH_DUMP: join(dir, "log", "erl_crash.dump"),
    // The script then becomes the node, so that the pid is the node's.
    RUNNING_UNDER_SYSTEMD: "true",
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: "-kernel inet_dist_use_interface {127,0,0,1}",
  };
}

const conf = (password: string) => `loopback_users = none
log.console = true
log.console.use_colors = off
log.file = false
vm_memory_high_watermark.absolute = 512MB
disk_free_limit.absolute = 100MB
default_user = sluice
default_pass = ${password}
`;

const tlsConf = ({ ca, cert, key }: Certificate, port: number) => `listeners.ssl.default = 127.0.0.1:${port}
ssl_options.cacertfile = ${ca}
ssl_options.certfile = ${cert}
ssl_options.keyfile = ${key}
ssl_options.verify = verify_none
`;

async function prepare(dir: string, secrets: Site["secrets"], tls: string): Promise<void> {
  for (const folder of ["log", "mnesia", "generated", "schema"]) await mkdir(join(dir, folder), { recursive: true });
  const files = {
    "rabbitmq.conf": conf(secrets.amqp) + tls,
    "rabbitmq-env.conf": "",
    "advanced.config": "[].\n",
    enabled_plugins: "[].\n",
    ".erlang.cookie": secrets.erlangCookie,
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(dir, name), text, { mode: 0o600 });
}
