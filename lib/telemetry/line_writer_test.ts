import { afterEach, beforeEach, expect, test } from "bun:test";
import { closeSync, openSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { lineWriter } from "./line_writer.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-log-"));
});
afterEach(async () => rm(folder, { recursive: true }));

/** A process that logs to its stdout, by a shell that may lead it anywhere. */
async function run(code: string, shell: string) {
  const script = join(folder, "script.ts");
  await Bun.write(
    script,
    `import { createLogger } from ${JSON.stringify(`${import.meta.dir}/logger.ts`)};
     const log = createLogger({ level: "info" });
     const many = (n: number) => { for (let i = 0; i < n; i++) log.info({ i }, "line"); };
     ${code}`,
  );
  const child = Bun.spawn(["bash", "-c", `set -o pipefail; "$0" "$1" ${shell}`, process.execPath, script], {
    stdout: "pipe",
    stderr: "inherit",
    timeout: 30_000,
  });
  const text = await new Response(child.stdout).text();
  return { text, lines: text.split("\n").length - 1, exitCode: await child.exited };
}

test.each([
  ["falls asleep", ""],
  ["exits in the same turn", "process.exit(0);"],
  ["exits a turn later", "await 0; setImmediate(() => process.exit(0));"],
])("has written each line, in order, when the process %s", async (_, end) => {
  const { text, lines, exitCode } = await run(`many(20_000); ${end}`, "");
  expect([lines, exitCode]).toEqual([20_000, 0]);
  const numbers = text
    .trim()
    .split("\n")
    .map((line): unknown => JSON.parse(line).i);
  expect(numbers.every((number, i) => number === i)).toBe(true);
});

test("has written the last words of a process that dies of an error", async () => {
  const { text } = await run(
    `process.on("uncaughtException", (err) => { log.error({ err }, "dies"); process.exit(3); }); throw new Error("e")`,
    "|| true",
  );
  expect(text).toContain('"msg":"dies"');
});

test("waits for a slow reader", async () => {
  const { text } = await run("many(20_000); process.exit(0);", "| (sleep 0.3; wc -l)");
  expect(text.trim()).toBe("20000");
});

test("lets the process exit when its reader is gone", async () => {
  const { exitCode } = await run("await Bun.sleep(300); many(20_000); process.exit(0);", "| true");
  expect(exitCode).toBe(0);
});

test("lets the process live and exit when the log's disk is full", async () => {
  const { exitCode } = await run("many(2000); await Bun.sleep(100); many(2000); process.exit(7);", "> /dev/full");
  expect(exitCode).toBe(7);
});

test("drops lines past its bound, and tells how many", async () => {
  const path = join(folder, "log");
  const fd = openSync(path, "a");
  const writer = lineWriter(fd, 100);
  for (let i = 0; i < 30; i++) writer.write("123456789\n");
  await Bun.sleep(50);
  writer.write("123456789\n");
  await Bun.sleep(50);
  closeSync(fd);
  const lines = (await Bun.file(path).text()).trim().split("\n");
  expect(lines.filter((line) => line === "123456789")).toHaveLength(11);
  expect(lines.filter((line) => line.includes('"dropped":20'))).toHaveLength(1);
});
