// Runs a TypeScript program of this checkout on its own Bun, from a bare Node: `node bin/run.mjs FILE [ARG …]`.
// Installs what the lock file names when it is missing or out of date, so that a clean clone needs one command.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, "node_modules");
const bun = join(modules, ".bin", process.platform === "win32" ? "bun.cmd" : "bun");

function fail(message) {
  process.stderr.write(`sluice: ${message}\n`);
  process.exit(1);
}

function installed() {
  const stamp = join(modules, ".package-lock.json");
  return existsSync(stamp) && statSync(stamp).mtimeMs >= statSync(join(root, "package-lock.json")).mtimeMs;
}

function npm(...args) {
  return spawnSync("npm", args, { cwd: root, stdio: ["ignore", 2, 2] }).status === 0;
}

function bunRuns() {
  return spawnSync(bun, ["--version"], { stdio: "ignore" }).status === 0;
}

if (!installed()) {
  process.stderr.write("sluice: installing packages\n");
  // Where a registry lacks the binaries of other platforms, `npm ci` finds the lock file incomplete; what it names for
  // this one can be installed all the same.
  const quiet = ["--no-audit", "--no-fund", "--loglevel=error"];
  if (!npm("ci", ...quiet) && !npm("install", "--no-save", ...quiet)) fail("npm could not install what package-lock.json names");
}
// npm 11 may refuse the install script that puts Bun's binary in its place; it is a local copy, so it is run here.
if (!bunRuns()) spawnSync(process.execPath, [join(modules, "bun", "install.js")], { stdio: ["ignore", 2, 2] });
if (!bunRuns()) fail("the npm package bun has no binary that runs on this machine; see https://bun.com/docs/installation");

const child = spawn(bun, process.argv.slice(2), {
  cwd: root,
  stdio: "inherit",
  env: {
    // Bun lets 256 requests out at once: as many slow clients of another gateway's uploads would keep all others waiting.
    BUN_CONFIG_MAX_HTTP_REQUESTS: "65535",
    ...process.env,
    PATH: `${join(modules, ".bin")}${delimiter}${process.env.PATH ?? ""}`,
  },
});
// The terminal sends Ctrl-C to the child as well; SIGTERM reaches only this process.
process.on("SIGINT", () => {});
for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
child.on("error", (error) => fail(error.message));
child.on("exit", (code, signal) => {
  if (signal === null) process.exit(code ?? 1);
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
});
