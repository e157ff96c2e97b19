import { chmod, rename, rm, writeFile } from "node:fs/promises";

import { systemCode } from "#lib/errors/mod.ts";

/** Debian's packages ask this program before they start a service; 101 means no. See invoke-rc.d(8). */
const policyPath = "/usr/sbin/policy-rc.d";
const asidePath = `${policyPath}.before-sluice`;
const refusal =
  "#!/bin/sh\n# Put here by sluice's test/stack while it installs servers, so that none of them is started.\nexit 101\n";

/** Runs `task` while this machine's packages may start no service, then puts back the policy that was there. */
export async function withoutAutostart(task: () => Promise<void>): Promise<void> {
  const hadPolicy = await setAside();
  try {
    await writeFile(policyPath, refusal);
    await chmod(policyPath, 0o755);
    await task();
  } finally {
    await rm(policyPath, { force: true });
    if (hadPolicy) await rename(asidePath, policyPath);
  }
}

/** One that is already aside comes from a run that was killed: it is the real one. */
async function setAside(): Promise<boolean> {
  if (await Bun.file(asidePath).exists()) return true;
  try {
    await rename(policyPath, asidePath);
    return true;
  } catch (error) {
    if (systemCode(error) === "ENOENT") return false;
    throw error;
  }
}
