import { join } from "node:path";

import { openPorts, type Stack } from "../stack/mod.ts";
import { bareEnv, runCommand } from "../stack/run_command.ts";

/** Runs `rabbitmqctl` on the stack's RabbitMQ, as its operator would. @returns what it printed. */
export async function rabbitmqctl({ data }: Stack, ...args: string[]): Promise<string> {
  const dir = join(data, "amqp");
  const ports = await openPorts(data);
  const env = {
    ...bareEnv,
    HOME: dir,
    RABBITMQ_NODENAME: "sluice@localhost",
    RABBITMQ_CONF_ENV_FILE: join(dir, "rabbitmq-env.conf"),
    RABBITMQ_MNESIA_BASE: join(dir, "mnesia"),
    RABBITMQ_LOG_BASE: join(dir, "log"),
    ERL_EPMD_PORT: `${await ports.port("epmd")}`,
  };
  return await runCommand(["/usr/lib/rabbitmq/bin/rabbitmqctl", "--quiet", ...args], { env });
}

/** A vhost of a suite's own. @returns the URL on it; disposing removes it and all in it. */
export async function ownVhost(stack: Stack): Promise<{ url: string } & AsyncDisposable> {
  const name = `t-${crypto.randomUUID()}`;
  await rabbitmqctl(stack, "add_vhost", name);
  await rabbitmqctl(stack, "set_permissions", "-p", name, "sluice", ".*", ".*", ".*");
  return {
    url: `${stack.amqp}/${name}`,
    [Symbol.asyncDispose]: async () => void (await rabbitmqctl(stack, "delete_vhost", name)),
  };
}
