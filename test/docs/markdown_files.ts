import { readFile } from "node:fs/promises";
import { join } from "node:path";

const root = join(import.meta.dir, "../..");

/** A text for people. */
export interface MarkdownFile {
  /** From the root of the checkout. */
  path: string;
  text: string;
}

/** README.md and what lies below docs/. */
export async function markdownFiles(): Promise<MarkdownFile[]> {
  const paths = ["README.md", ...new Bun.Glob("docs/**/*.md").scanSync({ cwd: root })];
  return await Promise.all(paths.map(async (path) => ({ path, text: await readFile(join(root, path), "utf8") })));
}
