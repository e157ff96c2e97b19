import { expect, setDefaultTimeout, test } from "bun:test";

import { signUp } from "../../bench/support/account.ts";
import { startDrive } from "../../bench/support/drive.ts";
import { startSender } from "../../bench/support/sender.ts";
import { completeSmallFiles, sendSmallFiles, untilStored } from "../../bench/support/small_files.ts";
import { tempFolder } from "../../bench/support/temp_folder.ts";

setDefaultTimeout(300_000);

test("more small files than a page of the list holds are sent, merged and stored, each a content of its own", async () => {
  await using folder = await tempFolder(0);
  await using drive = await startDrive(folder.path);
  await using sender = await startSender();
  const account = await signUp(drive.url);
  const ids = await sendSmallFiles(sender, account, 101);
  await completeSmallFiles(sender, account, ids);
  await untilStored(account);
  const metrics = await (await fetch(`${drive.url}/metrics`)).text();
  expect(metrics).toContain("sluice_uploads_open 0");
  const { files } = await account.json<{ files: { sha1: string; state: string }[] }>(200, "GET", "/file/query?limit=100");
  expect(new Set(files.map(({ sha1 }) => sha1)).size).toBe(100);
  expect(new Set(files.map(({ state }) => state))).toEqual(new Set(["stored"]));
});
