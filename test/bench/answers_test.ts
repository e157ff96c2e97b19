import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";

import { createGround, nameOf, routeCases, verify } from "../../bench/routes/mod.ts";
import { type Drive, startDrive } from "../support/drive.ts";

setDefaultTimeout(300_000);

let drive: Drive;
beforeAll(async () => {
  drive = await startDrive();
});
afterAll(async () => {
  await drive[Symbol.asyncDispose]();
});

test.each(routeCases.map((routeCase) => [nameOf(routeCase), routeCase] as const))(
  "the bench gets a right answer from %s",
  async (_, routeCase) => {
    const { answer, plan } = await verify(routeCase, createGround(drive.url));
    expect(answer.status).toBe(plan.status);
  },
);
