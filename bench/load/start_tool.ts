import { startAutocannon } from "./autocannon.ts";
import type { LoadTool } from "./load_tool.ts";
import { startWrk } from "./wrk.ts";

/** The load tools that can be asked for. */
export const toolNames = ["autocannon", "wrk"] as const;
export type ToolName = (typeof toolNames)[number];

/** Starts a load tool. @throws {Error} when it is not on this machine. */
export function startTool(name: ToolName, folder: string): LoadTool {
  const program = name === "wrk" ? "wrk" : "node";
  if (Bun.which(program) === null) throw new Error(`--tool ${name} needs ${program} on the PATH`);
  return name === "wrk" ? startWrk(folder) : startAutocannon();
}
