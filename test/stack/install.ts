import { existsSync } from "node:fs";

import { withoutAutostart } from "./policy.ts";
import { runCommand } from "./run_command.ts";

/** What can be asked for; nginx is started by whoever has a conf for it. */
export type Installable = "mysql" | "redis" | "amqp" | "s3" | "nginx";

/** Debian 12's packages, each by a file that it brings. */
const packages: Record<Installable, Record<string, string>> = {
  mysql: { "mariadb-server": "/usr/sbin/mariadbd" },
  redis: { "redis-server": "/usr/bin/redis-server" },
  amqp: { "rabbitmq-server": "/usr/lib/rabbitmq/bin/rabbitmq-server" },
  s3: {
    "ceph-mon": "/usr/bin/ceph-mon",
    "ceph-osd": "/usr/bin/ceph-osd",
    radosgw: "/usr/bin/radosgw",
    "ceph-common": "/usr/bin/ceph",
  },
  nginx: { nginx: "/usr/sbin/nginx" },
};

/** Makes the certificate that every folder has. */
const forAll = { openssl: "/usr/bin/openssl" };

/** The packages that these servers need and this machine lacks. */
export function missingPackages(servers: readonly Installable[]): string[] {
  const needed = [forAll, ...servers.map((server) => packages[server])].flatMap((files) => Object.entries(files));
  return needed.filter(([, file]) => !existsSync(file)).map(([name]) => name);
}

/**
 * Sees to it that the servers' programs are there. Installs what is missing only where `install` says so: never silently on a
 * person's machine. None of the system's own services is started by it.
 *
 * @throws {Error} naming the packages, and how to get them, when something is missing and may or can not be installed.
 */
export async function ensureInstalled(
  servers: readonly Installable[],
  { install, log }: { install: boolean; log: (line: string) => void },
): Promise<void> {
  const missing = missingPackages(servers);
  if (missing.length === 0) return;
  const how = `apt-get install --no-install-recommends ${missing.join(" ")}`;
  if (!install) throw new Error(`not installed: ${missing.join(", ")}. As root: ${how} (or give --install)`);
  if (!existsSync("/usr/bin/apt-get") || process.getuid?.() !== 0) {
    throw new Error(`not installed: ${missing.join(", ")}. Only root on a Debian 12 can install them here: ${how}`);
  }
  log(`installing ${missing.join(", ")}`);
  await withoutAutostart(() => aptInstall(missing));
}

/** Another apt on the machine is waited for: without that, two at once fail. */
async function aptInstall(missing: string[]): Promise<void> {
  const apt = ["apt-get", "-q", "-o", "DPkg::Lock::Timeout=300", "-o", "Acquire::Retries=3"];
  const options = { env: { ...proxies(), DEBIAN_FRONTEND: "noninteractive" }, timeoutMs: 600_000 };
  await runCommand([...apt, "update"], options);
  await runCommand([...apt, "install", "-y", "--no-install-recommends", ...missing], options);
}

/** How this machine reaches the network, where it needs a proxy for that. */
function proxies(): Record<string, string> {
  const names = ["http_proxy", "https_proxy", "no_proxy"];
  return Object.fromEntries(names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])));
}
