import { expect, test } from "bun:test";
import { access, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { until } from "../../test/support/client.ts";
import { runTool } from "./run_tool.ts";

const limits = { seconds: 20, memoryBytes: 1 << 28, outputBytes: 10_000 };
const { signal } = new AbortController();
const run = (command: string[], changed: Partial<typeof limits> = {}) => runTool(command, { ...limits, ...changed }, signal);
const hasPrlimit = Bun.which("prlimit") !== null;
const hasDeathSignal = Bun.spawnSync(["setpriv", "--pdeathsig", "KILL", "--", "true"]).success;

test("gives what a program says", async () => {
  const { ok, output } = await run(["echo", "hello"]);
  expect({ ok, output: new TextDecoder().decode(output) }).toEqual({ ok: true, output: "hello\n" });
});

test("tells when a program fails", async () => {
  expect(await run(["false"])).toMatchObject({ ok: false, note: "it ended with 1" });
});

test("ends one that takes too long", async () => {
  expect(await run(["sleep", "600"], { seconds: 0.2 })).toMatchObject({ ok: false, note: "it ended with SIGKILL" });
});

test("ends one that says too much", async () => {
  expect(await run(["yes"])).toMatchObject({ ok: false, note: "its output was too long" });
});

test("ends one with the process that started it, and says why", async () => {
  const stop = new AbortController();
  const running = runTool(["sleep", "600"], limits, stop.signal);
  setTimeout(() => stop.abort(new Error("the lease is lost")), 50);
  await expect(running).rejects.toThrow("the lease is lost");
});

test.skipIf(!hasDeathSignal).each([
  ["at once", "process.kill(process.pid, 'SIGKILL')"],
  ["while it runs", "setInterval(() => {}, 1000)"],
])("leaves none behind when its own process is killed, %s", async (_, then) => {
  // A word of its own, by which it is found.
  const seconds = `600.${crypto.getRandomValues(new Uint32Array(1))[0]}`;
  const call = `runTool(["sleep", "${seconds}"], ${JSON.stringify(limits)}, new AbortController().signal)`;
  const code = `import { runTool } from ${JSON.stringify(join(import.meta.dir, "run_tool.ts"))}; void ${call}; ${then};`;
  const parent = Bun.spawn([process.execPath, "-e", code]);
  if (then.includes("setInterval")) {
    await until(
      () => commandsWith(seconds),
      (found) => found.some((command) => command.startsWith("sleep\0")),
    );
    parent.kill("SIGKILL");
  }
  await parent.exited;
  await until(
    () => commandsWith(seconds),
    ({ length }) => length === 0,
  );
});

/** Command lines of processes other than the one that was given the word as code; those of the dead are empty. */
async function commandsWith(word: string): Promise<string[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const all = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")));
  return all.filter((command) => command.split("\0").includes(word));
}

test.skipIf(!hasPrlimit)("gives one no more memory than it may have", async () => {
  // Looks for the end of a line that has none.
  expect((await run(["tail", "-n", "1", "/dev/zero"])).ok).toBe(false);
});

test.skipIf(!hasPrlimit)("lets one write no file", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sluice-tool-"));
  const path = join(folder, "written");
  await run(["dd", "if=/dev/zero", `of=${path}`, "count=1"]);
  const size = await access(path).then(
    () => Bun.file(path).size,
    () => 0,
  );
  expect(size).toBe(0);
  await rm(folder, { recursive: true });
});

test("hands on nothing of the environment", async () => {
  process.env["SLUICE_TEST_SECRET"] = "secret";
  const { output } = await run(["env"]);
  delete process.env["SLUICE_TEST_SECRET"];
  expect(new TextDecoder().decode(output)).not.toContain("secret");
});

const isolated = Bun.spawnSync(["unshare", "--net", "--", "true"]).success;

test.skipIf(!isolated)("gives one no network", async () => {
  const { output } = await run(["cat", "/proc/net/dev"]);
  const names = [...new TextDecoder().decode(output).matchAll(/^ *([\w.-]+):/gm)].map(([, name]) => name);
  expect(names).toEqual(["lo"]);
});
