import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { folderSpool } from "#lib/spool/mod.ts";

import { spoolContract } from "./spool.ts";

spoolContract("folder", async () => {
  const root = await mkdtemp(join(tmpdir(), "sluice-spool-"));
  return { spool: await folderSpool(root), close: () => rm(root, { recursive: true }) };
});
