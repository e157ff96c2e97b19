import { expect, setDefaultTimeout, test } from "bun:test";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { until } from "../support/client.ts";
import { kind, openTarget } from "./target.ts";

const root = join(import.meta.dir, "../..");

interface Ran {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs a script of bash to its end, in a folder of its own that is also its `TMPDIR`. @returns with what it left there. */
async function bash(args: string[], env: Record<string, string> = {}): Promise<Ran & { left: string[] }> {
  const folder = await mkdtemp(join(tmpdir(), "sluice-tour-test-"));
  try {
    const child = Bun.spawn(["bash", ...args], {
      cwd: folder,
      env: { PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? "", TMPDIR: folder, ...env },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    });
    const [stdout, stderr, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
    return { code, stdout, stderr, left: await readdir(folder) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

// A gigabyte takes 25 s on a machine of two cores that does nothing else.
setDefaultTimeout(180_000);

// It starts a drive of its own, whatever the suites ask.
if (kind === "drive") {
  test("docs/tour.sh goes through with a file of over 1 GB, a cut connection and a kill -9 in the middle", async () => {
    const { code, stdout, stderr, left } = await bash([join(root, "docs/tour.sh")], { SIZE: "1100000000" });
    expect(stderr).toBe("");
    expect(code).toBe(0);
    expect(stdout).toMatch(/kill -9 of process \d+ after \d+ of 132 chunks/);
    expect(stdout).toContain("the SHA-1 is the same");
    expect(stdout).toContain("both accounts are deleted");
    expect(left).toEqual([]);
  });
}

test("docs/tour.sh goes through a drive that runs already, and leaves nothing in it", async () => {
  await using drive = await openTarget();
  const spooled = async () => (await Promise.all(drive.dataDirs.map((dir) => readdir(join(dir, "spool"))))).flat();
  const before = new Set(await spooled());
  const { code, stderr } = await bash([join(root, "docs/tour.sh")], { BASE: drive.url, SIZE: "20000000" });
  expect(stderr).toBe("");
  expect(code).toBe(0);
  // A spool is freed a second after its bytes are stored.
  await until(
    async () => (await spooled()).filter((name) => !before.has(name)),
    ({ length }) => length === 0,
  );
});

test("docs/tour.sh ends with 1 and its reason at the first thing that is not as it should be", async () => {
  await using drive = await openTarget({ FILE_MAX_BYTES: "10MB" });
  const { code, stderr, left } = await bash([join(root, "docs/tour.sh")], { BASE: drive.url, SIZE: "20000000" });
  expect(code).toBe(1);
  expect(stderr).toContain("wanted 201, got");
  expect(stderr).toContain('"code":"too-large"');
  expect(left).toEqual([]);
});

test("the tour in README.md goes through, line by line", async () => {
  await using drive = await openTarget();
  const readme = await readFile(join(root, "README.md"), "utf8");
  const tour = /^## A tour with curl$[\s\S]*?^```bash\n([\s\S]*?)^```$/m.exec(readme)?.[1] ?? "";
  const script = tour.replace("BASE=http://127.0.0.1:8080", `BASE=${drive.url}`);
  expect(script).not.toBe(tour);
  const { code, stdout, stderr } = await bash(["-euo", "pipefail", "-c", `${script}\nsha1sum film.bin`]);
  expect(stderr).toBe("");
  expect(code).toBe(0);
  const [first, second, third, last] = [...stdout.matchAll(/([0-9a-f]{40}) {2}(?:-|film\.bin)$/gm)].map(([, sha1]) => sha1);
  expect([first, second, third]).toEqual([last, last, last]);
  expect(stdout).toMatch(/^1000$/m);
});
