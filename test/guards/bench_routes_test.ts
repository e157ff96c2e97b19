import { expect, test } from "bun:test";

import { nameOf, routeCases } from "../../bench/routes/mod.ts";
import { routes } from "../acceptance/routes.ts";

test("every route of the app is measured by the bench, and none that is not there", () => {
  // That this list is the app's own, test/acceptance/routes_test.ts shows.
  const known: string[] = Object.values(routes).flat();
  expect([...new Set(routeCases.map(({ route }) => route))].toSorted()).toEqual([...new Set(known)].toSorted());
});

test("no two cases of the bench have the same name", () => {
  const names = routeCases.map(nameOf);
  expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
});
