import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";

import { createGround, routeCases, verify } from "../../bench/routes/mod.ts";
import { signUp } from "../support/client.ts";
import { startDrive } from "../support/drive.ts";

test("the bench leaves nothing on a drive that stays, whatever its requests have done to its users", async () => {
  await using drive = await startDrive();
  const other = await signUp(drive.url);
  await other.upload("a.txt", Buffer.from("a"));
  for (const route of ["POST /user", "DELETE /token", "POST /file/delete", "GET /file/events"]) {
    const ground = createGround(drive.url);
    for (const routeCase of routeCases.filter((candidate) => candidate.route === route)) {
      const { plan } = await verify(routeCase, ground);
      // Requests that are made and never sent.
      if ("shots" in plan) await plan.shots(2);
    }
    await ground.clear();
  }
  const metrics = await (await fetch(`${drive.url}/metrics`)).text();
  expect(metrics).toContain("sluice_uploads_open 0");
  const { files } = await other.json<{ files: number }>(200, `/user/${other.username}`);
  expect(files).toBe(1);
  await drive.stop();
  const catalog = new Database(`${drive.dataDir}/catalog.sqlite`, { readonly: true });
  const names = catalog.query<{ username: string }, []>("select username from users").all();
  catalog.close();
  expect(names).toEqual([{ username: other.username }]);
}, 60_000);
