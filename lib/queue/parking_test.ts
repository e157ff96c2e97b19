import { expect, test } from "bun:test";

import { createParking } from "./parking.ts";
import type { Message } from "./port.ts";

const message = (id: string): Message => ({ v: 1, worker: "push", id, node: null });

test("keeps the newest, lists the oldest of them first, and is empty when cleared", () => {
  const parking = createParking(2);
  for (const id of ["1", "2", "3"]) parking.add(message(id), `because of ${id}`);
  expect(parking.count()).toBe(2);
  expect(parking.list(10)).toMatchObject([
    { message: message("2"), reason: "because of 2", route: "push.any" },
    { message: message("3"), reason: "because of 3", route: "push.any" },
  ]);
  expect(parking.list(1)).toHaveLength(1);
  expect(parking.clear()).toEqual([message("2"), message("3")]);
  expect(parking.count()).toBe(0);
});
