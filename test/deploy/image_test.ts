import { afterAll, beforeAll, expect, test } from "bun:test";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, chown, cp, mkdir, mkdtemp, readdir, rm, stat, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { z } from "zod";

import { openPorts } from "../stack/mod.ts";
import { until } from "../support/client.ts";
import { readCompose, root } from "./compose.ts";

/** The image's user. */
const uid = 10_001;
const isRoot = process.getuid?.() === 0;

let image: string;
let ports: Awaited<ReturnType<typeof openPorts>>;

const lockSchema = z.object({ packages: z.record(z.string(), z.object({ dev: z.boolean().optional() }).loose()) });

/** What the image holds at /app: what the Dockerfile copies, and of the packages those that `npm ci --omit=dev` installs. */
beforeAll(async () => {
  image = await mkdtemp(join(tmpdir(), "sluice-image-"));
  ports = await openPorts(image);
  const dockerfile = await Bun.file(join(root, "Dockerfile")).text();
  const copied = [...dockerfile.matchAll(/^COPY (?!--from|package\.json package-lock)(.+)$/gm)].flatMap(([, line = ""]) =>
    line.split(" ").slice(0, -1),
  );
  expect(copied).toContain("gateway");
  for (const path of copied) await cp(join(root, path), join(image, "app", path), { recursive: true });
  const lock = lockSchema.parse(await Bun.file(join(root, "package-lock.json")).json());
  for (const [path, { dev }] of Object.entries(lock.packages)) {
    if (dev === true || !/^node_modules\/(@[^/]+\/)?[^/]+$/.test(path) || !(await isThere(join(root, path)))) continue;
    await mkdir(join(image, "app", dirname(path)), { recursive: true });
    await symlink(join(root, path), join(image, "app", path));
  }
  await mkdir(join(image, "data"));
  await chmod(image, 0o755);
  if (isRoot) await chown(join(image, "data"), uid, uid);
});
afterAll(() => rm(image, { recursive: true }));

async function isThere(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}

/** Runs a command of docker-compose.yml as the image would: as its user, in its folder, with its health check. */
async function starts(command: string[], env: Record<string, string>): Promise<void> {
  const all = {
    PATH: process.env["PATH"] ?? "",
    HOME: join(image, "data"),
    DATA_DIR: join(image, "data"),
    HOST: "127.0.0.1",
    ...env,
  };
  const as = isRoot ? { uid, gid: uid } : {};
  const [, ...args] = command;
  const child = spawn(process.execPath, args, { cwd: join(image, "app"), env: all, stdio: ["ignore", "pipe", "pipe"], ...as });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data: Buffer) => (output += data.toString()));
  const exited = once(child, "exit");
  const health = async () => {
    const check = spawn(process.execPath, ["bin/health.ts", "/readyz"], {
      cwd: join(image, "app"),
      env: all,
      stdio: "ignore",
      ...as,
    });
    const [code] = (await once(check, "exit")) as [number | null];
    return child.exitCode === null ? code : `it has ended: ${output}`;
  };
  expect(await until(health, (code) => code !== 1)).toBe(0);
  child.kill("SIGTERM");
  expect(await exited).toEqual([0, null]);
}

test("the image holds all that its commands need, and writes nowhere but in its volume", async () => {
  const { services } = await readCompose();
  const before = await listing(join(image, "app"));
  await starts(services["gateway-1"]?.command ?? [], { PORT: String(await ports.port("gateway")) });
  await starts(services["worker-1"]?.command ?? [], { WORKER_PORT: String(await ports.port("worker")) });
  expect(await listing(join(image, "app"))).toEqual(before);
});

async function listing(folder: string): Promise<string[]> {
  return (await readdir(folder, { recursive: true })).filter((path) => !path.startsWith("node_modules/")).toSorted();
}
