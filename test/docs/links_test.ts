import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

import { markdownFiles } from "./markdown_files.ts";

const root = join(import.meta.dir, "../..");

test("each relative link leads to a file, and to a heading in it", async () => {
  const files = await markdownFiles();
  const headings = new Map(files.map(({ path, text }) => [path, anchorsOf(text)]));
  const links = files.flatMap(({ path, text }) => linksOf(text).map((link) => ({ path, link })));
  expect(links.length).toBeGreaterThan(10);
  const broken = links.filter(({ path, link }) => {
    const [to = "", anchor] = link.split("#");
    const target = to === "" ? path : join(dirname(path), to);
    return !existsSync(join(root, target)) || (anchor !== undefined && !headings.get(target)?.has(anchor));
  });
  expect(broken).toEqual([]);
});

test("each path of the checkout that stands in backticks is there", async () => {
  const files = await markdownFiles();
  const paths = files.flatMap(({ path, text }) => pathsOf(text).map((named) => ({ path, named })));
  expect(paths.length).toBeGreaterThan(10);
  expect(paths.filter(({ named }) => !existsSync(join(root, named)))).toEqual([]);
});

test("each decision has a number of its own and stands in the list", async () => {
  const files = await markdownFiles();
  const decisions = files.map(({ path }) => path).filter((path) => /^docs\/decisions\/\d/.test(path));
  const list = files.find(({ path }) => path === "docs/decisions/README.md")?.text ?? "";
  expect(linksOf(list).toSorted()).toEqual(decisions.map((path) => path.slice("docs/decisions/".length)).toSorted());
  expect(new Set(decisions.map((path) => path.slice(0, 19))).size).toBe(decisions.length);
});

function linksOf(text: string): string[] {
  return [...withoutCode(text).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link = ""]) => link)
    .filter((link) => !/^[a-z]+:/i.test(link));
}

/** What reads like a source file or a folder of ours: `db/schema.ts`, `workers/`. */
function pathsOf(text: string): string[] {
  const named = /`((?:bin|bench|db|docs|gateway|lib|test|workers)\/[\w./-]*)`/g;
  return [...text.matchAll(named)].map(([, path = ""]) => path);
}

function withoutCode(text: string): string {
  return text.replaceAll(/^```[\s\S]*?^```/gm, "").replaceAll(/`[^`\n]*`/g, "");
}

/** As GitHub makes them: lower case, spaces to hyphens, the rest of the punctuation dropped. */
function anchorsOf(text: string): Set<string> {
  const titles = [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = ""]) => title);
  return new Set(
    titles.map((title) =>
      title
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
        .replaceAll(" ", "-"),
    ),
  );
}
