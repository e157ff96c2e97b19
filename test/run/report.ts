import { type Counts, none } from "./counts.ts";

/** What a JUnit report of `bun test` says; nothing where there is none. */
export async function readReport(path: string): Promise<Counts> {
  const file = Bun.file(path);
  if (!(await file.exists())) return none;
  const xml = await file.text();
  const root = attributes(/<testsuites[^>]*>/.exec(xml)?.[0] ?? "");
  const [tests, failed, skipped] = [Number(root["tests"] ?? 0), Number(root["failures"] ?? 0), Number(root["skipped"] ?? 0)];
  const failures = [...xml.matchAll(/(<testcase [^>]*[^/])>\s*(<failure [^>]*)>(?:([^<]*)<\/failure>)?/g)].map(
    ([, test = "", failure = "", trace = ""]) => show(attributes(test), attributes(failure), trace),
  );
  return { passed: tests - failed - skipped, failed, skipped, failures };
}

type Attributes = Record<string, string>;

function show(test: Attributes, failure: Attributes, trace: string): string {
  const why = trace === "" ? (failure["message"] ?? "") : plain(trace);
  const name = [test["classname"], test["name"]].filter(Boolean).join(" > ");
  return `${test["file"]}:${test["line"] ?? ""} ${name}\n${why.trim().replace(/^/gm, "    ")}`;
}

function attributes(tag: string): Attributes {
  return Object.fromEntries([...tag.matchAll(/([\w:]+)="([^"]*)"/g)].map(([, name = "", value = ""]) => [name, plain(value)]));
}

const characters: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function plain(xml: string): string {
  return xml.replace(/&(?:#(\d+)|#x([\da-f]+)|(\w+));/gi, (whole, decimal?: string, hex?: string, name?: string) => {
    if (name !== undefined) return characters[name] ?? whole;
    return String.fromCodePoint(decimal === undefined ? Number.parseInt(hex ?? "", 16) : Number(decimal));
  });
}
