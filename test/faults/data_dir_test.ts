import { expect, setDefaultTimeout, test } from "bun:test";

import { bytesOf, signUp } from "../support/client.ts";
import { startDrive } from "../support/drive.ts";

setDefaultTimeout(300_000);

test("a second process on one data folder refuses to start, and names the one that has it", async () => {
  await using holder = await startDrive();
  const client = await signUp(holder.url);
  const bytes = bytesOf(1000, "held");
  const { id } = await client.upload("a.bin", bytes);

  const refused = await startDrive({ dataDir: holder.dataDir }).then(
    () => "it started",
    (error: unknown) => String(error),
  );
  expect(refused).toContain("ended with 1 before it was ready");
  expect(refused).toContain(`process ${holder.pid}`);
  expect(refused).toContain(holder.url);
  expect(refused).not.toContain(".ts:");
  // The refused one has done nothing to what the holder works with.
  expect(await client.download(id)).toEqual(bytes);
});

test("kill -9 lets the data folder go, and so does a stop", async () => {
  await using killed = await startDrive();
  const client = await signUp(killed.url);
  const bytes = bytesOf(1000, "kept");
  const { id } = await client.upload("a.bin", bytes);
  await killed.kill();
  await using stopped = await killed.restart({ PORT: "0" });
  expect(await stopped.stop()).toBe(0);
  await using drive = await stopped.restart();
  client.base = drive.url;
  expect(await client.download(id)).toEqual(bytes);
});

test("of many processes that start at once on one data folder one has it", async () => {
  await using first = await startDrive();
  await first.kill();
  const starts = await Promise.allSettled(Array.from({ length: 5 }, () => startDrive({ dataDir: first.dataDir })));
  await using drives = new AsyncDisposableStack();
  for (const start of starts) if (start.status === "fulfilled") drives.use(start.value);
  expect(starts.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
});
