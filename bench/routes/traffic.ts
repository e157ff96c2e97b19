import type { Traffic } from "../load/load_job.ts";
import type { Plan } from "./route_case.ts";

/** How long one run of a case is. */
export interface RunLength {
  connections: number;
  seconds: number;
  /** Of the count of requests that can be sent once. */
  share: number;
}

/** The requests of one run, those that can be sent once made anew. */
export async function trafficOf(plan: Plan, { connections, seconds, share }: RunLength): Promise<Traffic> {
  if (plan.kind === "each")
    return { kind: "each", shots: await plan.shots(Math.max(connections, Math.ceil(plan.count * share))) };
  if (plan.kind === "chain") return { kind: "chain", field: plan.field, seconds, shots: await plan.shots(connections) };
  return { kind: plan.kind, shot: plan.shot, seconds };
}
