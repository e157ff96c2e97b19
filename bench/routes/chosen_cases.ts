import { nameOf, type RouteCase } from "./route_case.ts";
import { routeCases } from "./route_cases.ts";

/** The cases whose names hold one of the texts, all without any. @throws {Error} when there is none. */
export function chosenCases(only: string[] | undefined): RouteCase[] {
  const cases = routeCases.filter((routeCase) => !only || only.some((text) => nameOf(routeCase).includes(text)));
  if (cases.length === 0) throw new Error(`no case of a route is called ${only?.join(" or ")}`);
  return cases;
}
