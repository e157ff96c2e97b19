import { afterEach, beforeEach, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { lockDataDir } from "./data_dir.ts";

let dir: string;
const children: Bun.Subprocess[] = [];

beforeEach(async () => {
  dir = join(await mkdtemp(join(tmpdir(), "sluice-lock-")), "data");
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  await rm(join(dir, ".."), { recursive: true });
});

/** A process that takes the lock, says "held" or the error's text, and stays while it holds it. */
function spawnHolder() {
  const code = `
    import { lockDataDir } from ${JSON.stringify(`${import.meta.dir}/data_dir.ts`)};
    try {
      const lock = await lockDataDir(${JSON.stringify(dir)});
      await lock.announce("http://127.0.0.1:1234");
      process.stdout.write("held\\n");
      setInterval(() => {}, 1000);
    } catch (error) {
      process.stdout.write(error.message + "\\n");
    }`;
  const child = Bun.spawn([process.execPath, "-e", code], { stdout: "pipe", stderr: "inherit", timeout: 30_000 });
  children.push(child);
  return child;
}

async function firstLine(child: { stdout: ReadableStream<Uint8Array> }): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const piece of child.stdout) {
    text += decoder.decode(piece, { stream: true });
    if (text.includes("\n")) break;
  }
  return text.trim();
}

test("keeps a second one of the same process out, until it is released", async () => {
  const lock = await lockDataDir(dir);
  expect(await lockDataDir(dir).catch((error: unknown) => error)).toMatchObject({
    code: "unavailable",
    message: expect.stringMatching(new RegExp(`^the data folder ${dir} is used by process ${process.pid} since \\d{4}-[^,]*Z$`)),
  });
  await lock.release();
  await lock.release();
  expect(existsSync(join(dir, "lock.json"))).toBe(false);
  await (await lockDataDir(dir)).release();
});

test("keeps another process out, and tells it who holds the folder", async () => {
  const lock = await lockDataDir(dir);
  await lock.announce("http://127.0.0.1:8080");
  expect(await firstLine(spawnHolder())).toMatch(
    new RegExp(`is used by process ${process.pid} since .*, listening on http://127.0.0.1:8080$`),
  );
  await lock.release();
  expect(await firstLine(spawnHolder())).toBe("held");
});

test("is free again the moment its holder was killed with -9", async () => {
  const holder = spawnHolder();
  expect(await firstLine(holder)).toBe("held");
  expect(await lockDataDir(dir).catch((error: unknown) => error)).toMatchObject({
    message: expect.stringContaining(`is used by process ${holder.pid} `),
  });
  holder.kill("SIGKILL");
  await holder.exited;
  await (await lockDataDir(dir)).release();
});

test("lets exactly one of several in that come at once", async () => {
  const lines = await Promise.all([1, 2, 3, 4].map(async () => firstLine(spawnHolder())));
  expect(lines.filter((line) => line === "held")).toHaveLength(1);
  expect(lines.filter((line) => line.includes("is used by"))).toHaveLength(3);
});

test("refuses without a name where the holder has not written it", async () => {
  const lock = await lockDataDir(dir);
  await Bun.write(join(dir, "lock.json"), "{");
  expect(await lockDataDir(dir).catch((error: unknown) => error)).toMatchObject({
    message: `the data folder ${dir} is used by another process`,
  });
  await lock.release();
});
