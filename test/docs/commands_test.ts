import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";

import manifest from "../../package.json" with { type: "json" };
import { markdownFiles } from "./markdown_files.ts";

const root = join(import.meta.dir, "../..");

test("each npm script that the docs name is there, and so is the program that it runs", async () => {
  const named = (await markdownFiles()).flatMap(({ text }) => scriptsOf(text));
  expect(new Set(named)).toContain("start");
  const scripts = new Map(Object.entries(manifest.scripts));
  const missing = named.filter((name) => !hasProgram(scripts.get(name)));
  expect(missing).toEqual([]);
});

/** `npm start`, `npm test` and `npm run NAME`. */
function scriptsOf(text: string): string[] {
  return [...text.matchAll(/\bnpm (?:(start|test)\b|run (?:-s )?([\w:]+))/g)].map(([, short, long]) => short ?? long ?? "");
}

/** Whether a script runs a file that exists. */
function hasProgram(script: string | undefined): boolean {
  const program = /bin\/run\.mjs (\S+)/.exec(script ?? "")?.[1];
  return program !== undefined && existsSync(join(root, program));
}
