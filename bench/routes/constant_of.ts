import type { Constant } from "../support/constant.ts";
import type { RouteCase } from "./route_case.ts";
import type { Verified } from "./verify.ts";

/** What a bare server has to answer to give a client of a case the same bytes. */
export function constantOf({ route }: RouteCase, { plan, answer, shot }: Verified): Constant {
  const path = route.slice(route.indexOf(" ") + 1).replaceAll(/\{(\w+)\}/g, ":$1");
  const kept = ["content-type", "location"].flatMap((name) => {
    const value = answer.headers.get(name);
    return value === null ? [] : [[name, value]];
  });
  return {
    method: shot.method,
    path,
    status: answer.status,
    headers: Object.fromEntries(kept),
    body: Buffer.from(answer.body).toString("latin1"),
    isEndless: plan.kind === "stream",
  };
}
