import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** What of a `.cpuprofile` is needed (the format of Chrome's DevTools Protocol, `Profiler.Profile`). */
interface Profile {
  nodes: { id: number; callFrame: { functionName: string; url: string }; children?: number[] }[];
  samples: number[];
  /** Microseconds since the sample before. */
  timeDeltas: number[];
}

/** What the time went into, told by where the code lies that ran, or that called what has no place of its own. */
const layers: [layer: string, path: RegExp][] = [
  ["SQL: SQLite", /bun:sqlite|\/db\/(sqlite|data_version|as_sqlite)\.ts/],
  ["SQL: drizzle", /\/node_modules\/drizzle-orm\//],
  ["rows", /\/db\//],
  ["routing: Hono", /\/node_modules\/(hono|@hono)\//],
  ["checking: zod", /\/node_modules\/zod\//],
  ["tokens, passwords", /\/node_modules\/jose\/|\/gateway\/auth\//],
  ["log, metrics", /\/node_modules\/(pino|prom-client|sonic-boom)\/|\/lib\/telemetry\//],
  ["spool, progress, hashing", /\/lib\/(spool|progress|bytes)\//],
  ["the drive's own code", /\/(gateway|lib|workers)\//],
];

/**
 * Reads the profile that a server left in a folder when it ended.
 *
 * @param lastMs how much of it counts, from its end.
 * @returns shares of the time in which it did something, by layer.
 */
export async function layersOf(folder: string, lastMs: number): Promise<Map<string, number>> {
  const name = (await readdir(folder)).find((file) => file.endsWith(".cpuprofile")) ?? "";
  const { nodes, samples, timeDeltas }: Profile = JSON.parse(await readFile(join(folder, name), "utf8"));
  const layerOfNode = new Map<number, string>();
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const visit = (id: number, above: string) => {
    const node = byId.get(id);
    if (!node) return;
    const layer = layerOf(node.callFrame) ?? above;
    layerOfNode.set(id, layer);
    for (const child of node.children ?? []) visit(child, layer);
  };
  visit(nodes[0]?.id ?? 0, "Bun: HTTP, promises, collecting garbage");
  const from = timeDeltas.reduce((sum, micros) => sum + micros, 0) - lastMs * 1000;
  let at = 0;
  const times = samples.map((id, i) => ({
    layer: layerOfNode.get(id) ?? "",
    micros: timeDeltas[i] ?? 0,
    at: (at += timeDeltas[i] ?? 0),
  }));
  return shares(times.filter((sample) => sample.at >= from));
}

const idle = "idle";

function layerOf({ functionName, url }: Profile["nodes"][number]["callFrame"]): string | undefined {
  if (functionName === "(idle)") return idle;
  if (/^(stringify|parse)$/.test(functionName) && url === "") return "JSON";
  return layers.find(([, path]) => path.test(url))?.[0];
}

function shares(times: { layer: string; micros: number }[]): Map<string, number> {
  const sums = new Map<string, number>();
  for (const { layer, micros } of times) if (layer !== idle) sums.set(layer, (sums.get(layer) ?? 0) + micros);
  const total = [...sums.values()].reduce((sum, micros) => sum + micros, 0);
  return new Map([...sums].toSorted(([, a], [, b]) => b - a).map(([layer, micros]) => [layer, micros / total]));
}
