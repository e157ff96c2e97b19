// The configuration as people read it: the table in README.md and .env.example, made from lib/config/schema.ts.
// `bun test/docs/config_table.ts --write` writes both anew; config_table_test.ts fails when they are out of date.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { z } from "zod";

import { configSchema } from "#lib/config/mod.ts";

const root = join(import.meta.dir, "../..");
const begin = "<!-- configuration: made by `bun test/docs/config_table.ts --write` -->";
const end = "<!-- /configuration -->";

/** A file that says something of the configuration. */
export interface ConfigText {
  path: string;
  /** What it holds now. */
  held: string;
  /** What it must hold. */
  wanted: string;
}

/** README.md and .env.example, as they are and as the schema wants them. */
export async function configTexts(): Promise<ConfigText[]> {
  const [readme, example] = [join(root, "README.md"), join(root, ".env.example")];
  const held = await readFile(readme, "utf8");
  return [
    { path: readme, held, wanted: withTable(held) },
    { path: example, held: await readFile(example, "utf8").catch(() => ""), wanted: exampleText() },
  ];
}

interface Variable {
  name: string;
  /** As one would write it in the environment; empty where there is none. */
  initial: string;
  meaning: string;
}

function variables(): Variable[] {
  return Object.entries(configSchema.shape).map(([name, field]) => {
    const hasDefault = field instanceof z.ZodDefault || field instanceof z.ZodPrefault;
    return { name, initial: hasDefault ? field.def.defaultValue : "", meaning: field.description ?? "" };
  });
}

function withTable(readme: string): string {
  const [from, to] = [readme.indexOf(begin), readme.indexOf(end)];
  if (from === -1 || to < from) throw new Error(`README.md must hold the lines "${begin}" and "${end}"`);
  const rows = variables().map(({ name, initial, meaning }) => `| \`${name}\` | ${initial && `\`${initial}\``} | ${meaning} |`);
  const table = ["| variable | default | meaning |", "|---|---|---|", ...rows].join("\n");
  return `${readme.slice(0, from)}${begin}\n${table}\n${readme.slice(to)}`;
}

function exampleText(): string {
  const head =
    "# Every variable that Sluice reads, with its default. A copy of this file named .env is read at the start;\n# what stands in the environment itself goes before it.\n";
  return (
    head +
    variables()
      .map(({ name, initial, meaning }) => `\n# ${meaning}\n#${name}=${initial}\n`)
      .join("")
  );
}

if (import.meta.main) {
  for (const { path, held, wanted } of await configTexts()) {
    const isCurrent = held === wanted;
    if (!isCurrent && process.argv.includes("--write")) await writeFile(path, wanted);
    process.stdout.write(
      `${path} ${isCurrent ? "is up to date" : process.argv.includes("--write") ? "written" : "is out of date"}\n`,
    );
  }
}
