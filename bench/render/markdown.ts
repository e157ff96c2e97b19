import type { Outcome, Result } from "../result/schema.ts";
import { isMet, type Row } from "../scenario.ts";
import { count } from "./units.ts";

/** The report for people: charts by name and scenario, whose files lie beside it. */
export function markdownReport(result: Result, charts: Record<string, string[]>): string {
  const sections = Object.entries(result.outcomes).flatMap(([name, outcome]) => [
    `## ${name}\n`,
    ...(charts[name] ?? []).map((file) => `![${file.replace(".svg", "").replaceAll("-", " ")}](${file})\n`),
    ...goalLines(outcome),
    ...tableLines(outcome.rows),
    ...processLines(outcome),
  ]);
  return `${["# Bench\n", ...aboutLines(result), ...sections].join("\n")}\n`;
}

function aboutLines({ date, commit, quick, tool, machine, versions }: Result): string[] {
  const { cpu, cores, memoryBytes, kernel } = machine;
  const programs = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [
    `${date}, commit \`${commit}\`${quick ? ", `--quick`" : ""}. ${cores} cores of ${cpu}, ${count(memoryBytes / 2 ** 30)} GiB, Linux`,
    `${kernel}; ${programs.join(", ")}. Client: ${tool}, on the same machine.\n`,
    "Rates and latencies are medians of the runs; `±%` is half the distance of the best from the worst. *of Hono* and *of nginx*:",
    "the same bytes from a bare Hono route and from nginx alone, in the same minute on the same road; *of its round trip*: the",
    "one statement that it needs, by the drive's own client. *CPU µs* is what one request took of all processes together.\n",
  ];
}

function goalLines({ goals }: Outcome): string[] {
  if (goals.length === 0) return [];
  const lines = goals.map((goal) => {
    const { name, value, unit, atLeast, atMost } = goal;
    const wanted = atLeast === undefined ? `≤ ${atMost}` : `≥ ${atLeast}`;
    return `- ${isMet(goal) ? "met" : "**missed**"}: ${escape(name)}: ${count(value)} ${unit} (goal ${wanted} ${unit})`;
  });
  return [...lines, ""];
}

function tableLines(rows: Row[]): string[] {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  if (names.length === 0) return [];
  return [
    lineOf(names),
    `|---|${"---:|".repeat(names.length - 1)}`,
    ...rows.map((row) => lineOf(names.map((name) => cellOf(row[name])))),
    "",
  ];
}

function lineOf(cells: string[]): string {
  return `| ${cells.map(escape).join(" | ")} |`;
}

function cellOf(value: string | number | undefined): string {
  return typeof value === "number" ? count(value) : (value ?? "");
}

/** What each process took for a request, where there was more than one. */
function processLines({ routes = [] }: Outcome): string[] {
  const several = routes.filter(({ processes }) => Object.keys(processes).length > 1);
  if (several.length === 0) return [];
  const rows = several.map(({ route, title, place, connections, processes, requests }): Row => {
    const each = Object.entries(processes).map(([name, { cpuSeconds, rssBytes }]) => [
      name,
      `${Math.round((cpuSeconds / requests) * 1e6)} µs, ${Math.round(rssBytes / 1e6)} MB`,
    ]);
    return { route: title === undefined ? route : `${route} (${title})`, place, conns: connections, ...Object.fromEntries(each) };
  });
  const places = Object.values(Object.groupBy(rows, ({ place }) => String(place)));
  return ["### Each process: CPU of a request, memory afterwards\n", ...places.flatMap((own = []) => tableLines(own))];
}

function escape(words: string): string {
  return words.replaceAll("|", String.raw`\|`).replaceAll("<", "&lt;");
}
