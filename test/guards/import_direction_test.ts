import { expect, test } from "bun:test";
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const root = join(import.meta.dir, "../..");

/** What docs/architecture.md forbids: a room, and an import that it must not have. */
const forbidden: [room: string, specifier: string][] = [
  ["lib/spool", "#db/mod.ts"],
  ["lib/spool", "../../gateway/app.ts"],
  ["lib/spool", "../../workers/runner.ts"],
  ["lib/spool", "hono"],
  ["lib/queue", "drizzle-orm"],
  ["lib/progress", "ioredis"],
  ["lib/recency", "ioredis"],
  ["lib/queue", "ioredis"],
  ["lib/store", "ioredis"],
  ["lib/redis", "amqplib"],
  ["lib/redis", "../../gateway/app.ts"],
  ["lib/store", "amqplib"],
  ["lib/queue", "@aws-sdk/client-s3"],
  ["lib/spool", "@aws-sdk/client-s3"],
  ["lib/spool", "@aws-sdk/client-s3"],
  ["lib/store", "#db/mod.ts"],
  ["lib/store", "../../workers/runner.ts"],
  ["db", "#lib/spool/mod.ts"],
  ["db", "#lib/redis/mod.ts"],
  ["db", "#lib/recency/mod.ts"],
  ["db", "ioredis"],
  ["db", "../gateway/app.ts"],
  ["db", "../workers/runner.ts"],
  ["db", "hono"],
  ["gateway/file", "../../workers/runner.ts"],
  ["gateway/file", "drizzle-orm"],
  ["gateway/file", "ioredis"],
  ["gateway/file", "#lib/redis/mod.ts"],
  ["workers/merge", "../../gateway/app.ts"],
  ["workers/merge", "hono"],
  ["workers/merge", "drizzle-orm"],
  ["workers/merge", "jose"],
  ["workers/merge", "#lib/redis/mod.ts"],
  ["bench", "../gateway/app.ts"],
  ["bench", "#db/mod.ts"],
];

const allowed: [room: string, specifier: string][] = [
  ["db", "#lib/errors/mod.ts"],
  ["gateway/file", "#db/mod.ts"],
  ["workers/merge", "#lib/spool/mod.ts"],
  ["lib/redis", "ioredis"],
  ["lib/queue", "amqplib"],
  ["lib/store", "@aws-sdk/client-s3"],
  ["gateway/file", "#lib/recency/mod.ts"],
  ["lib/store/s3", "@aws-sdk/client-s3"],
];

async function lint(imports: [room: string, specifier: string][]): Promise<{ refused: number; read: number }> {
  const tree = await mkdtemp(join(tmpdir(), "sluice-lint-"));
  try {
    await cp(join(root, ".oxlintrc.json"), join(tree, ".oxlintrc.json"));
    for (const [i, [room, specifier]] of imports.entries()) {
      const path = join(tree, room, `planted_${i}.ts`);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, `export * from ${JSON.stringify(specifier)};\n`);
    }
    const child = Bun.spawn([join(root, "node_modules/.bin/oxlint"), "--format=json"], {
      cwd: tree,
      stdout: "pipe",
      stderr: "pipe",
    });
    const report = (await child.stdout.json()) as { diagnostics: { code: string; filename: string }[]; number_of_files: number };
    const files = report.diagnostics.filter(({ code }) => code.includes("no-restricted-imports")).map(({ filename }) => filename);
    return { refused: new Set(files).size, read: report.number_of_files };
  } finally {
    await rm(tree, { recursive: true });
  }
}

test("the linter refuses every import that the architecture forbids", async () => {
  expect(await lint(forbidden)).toEqual({ refused: forbidden.length, read: forbidden.length });
});

test("the linter takes the imports that it allows", async () => {
  expect(await lint(allowed)).toEqual({ refused: 0, read: allowed.length });
});
