import { existsSync } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { z } from "zod";

import { askAdminSocket } from "./admin_socket.ts";
import { cephConf } from "./ceph_conf.ts";
import type { Daemon } from "./daemon.ts";
import { runCommand } from "./run_command.ts";
import type { Site } from "./site.ts";

/** What a client of the object store has to know. */
export interface S3Access {
  endpoint: string;
  bucket: string;
  region: string;
  accessKeyId: string;
  secretAccessKey: string;
}

export async function s3Access({ port, secrets }: Site): Promise<S3Access> {
  return {
    endpoint: `http://127.0.0.1:${await port("rgw")}`,
    bucket: "sluice",
    region: "us-east-1",
    accessKeyId: secrets.s3AccessKeyId,
    secretAccessKey: secrets.s3SecretAccessKey,
  };
}

/** The object store: Ceph's `mon`, `osd` and `rgw`, with an S3 user and a bucket. */
export async function ceph(site: Site): Promise<Daemon[]> {
  const dir = join(site.dir, "ceph");
  const ports = { mon: await site.port("mon"), rgw: await site.port("rgw") };
  const lab: Lab = { dir, flags: ["-c", join(dir, "ceph.conf")], site };
  const prepare = (make: () => Promise<void>) => async () => {
    for (const folder of ["run", "rgw"]) await mkdir(join(dir, folder), { recursive: true });
    await writeFile(join(dir, "ceph.conf"), cephConf(site, dir, ports));
    await make();
  };
  const mon: Daemon = {
    name: "mon",
    command: ["ceph-mon", "-f", "-i", "a", ...lab.flags],
    ports: [ports.mon],
    prepare: prepare(() => makeMon(lab, ports.mon)),
    check: () => expectState(lab, "mon.a", "mon_status", "leader"),
    setUp: () => once(dir, "osd.registered", () => registerOsd(lab)),
  };
  const osd: Daemon = {
    name: "osd",
    command: ["ceph-osd", "-f", "-i", "0", ...lab.flags],
    ports: [],
    prepare: prepare(() => makeOsd(lab)),
    check: () => expectState(lab, "osd.0", "status", "active"),
    setUp: () => once(dir, "user.made", () => makeUser(lab)),
  };
  const rgw: Daemon = {
    name: "rgw",
    command: ["radosgw", "-f", "-n", "client.rgw", ...lab.flags],
    ports: [ports.rgw],
    prepare: prepare(async () => {}),
    check: () => get(`http://127.0.0.1:${ports.rgw}/`),
    setUp: async () => once(dir, "bucket.made", () => makeBucket(site)),
  };
  return [mon, osd, rgw];
}

interface Lab {
  dir: string;
  /** Where the conf is, for each of Ceph's programs. */
  flags: string[];
  site: Site;
}

async function makeMon({ dir, flags, site }: Lab, port: number): Promise<void> {
  await makeFolder(join(dir, "mon"), async (aside) => {
    const map = join(dir, "monmap");
    const address = ["--addv", "a", `[v2:127.0.0.1:${port}]`];
    await runCommand(["monmaptool", "--create", "--clobber", "--fsid", site.secrets.cephFsid, ...address, map]);
    await runCommand(["ceph-mon", "--mkfs", "-i", "a", "--monmap", map, "--mon-data", aside, ...flags]);
  });
}

async function makeOsd({ dir, flags, site }: Lab): Promise<void> {
  await makeFolder(join(dir, "osd"), async (aside) => {
    // Else it would wait for the mon, which is not up yet.
    const alone = ["--no-mon-config", "--osd-data", aside];
    await runCommand(["ceph-osd", "--mkfs", "-i", "0", "--osd-uuid", site.secrets.cephOsd, ...alone, ...flags]);
  });
}

/** Made aside, then renamed: what was killed midway is never taken for a whole one. */
async function makeFolder(folder: string, make: (aside: string) => Promise<void>): Promise<void> {
  if (existsSync(folder)) return;
  const aside = `${folder}.new`;
  await rm(aside, { recursive: true, force: true });
  await mkdir(aside, { recursive: true });
  await make(aside);
  await rename(aside, folder);
}

async function registerOsd({ flags, site }: Lab): Promise<void> {
  await runCommand(["ceph", "osd", "new", site.secrets.cephOsd, "0", ...flags]);
}

async function makeUser({ flags, site }: Lab): Promise<void> {
  const keys = [`--access-key=${site.secrets.s3AccessKeyId}`, `--secret-key=${site.secrets.s3SecretAccessKey}`];
  await runCommand(["radosgw-admin", "user", "create", "--uid=sluice", "--display-name=sluice", ...keys, ...flags]);
}

async function makeBucket(site: Site): Promise<void> {
  const { endpoint, region, bucket, ...credentials } = await s3Access(site);
  const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
  try {
    await client.send(new CreateBucketCommand({ Bucket: bucket }));
  } finally {
    client.destroy();
  }
}

/** Runs what need be done once; it must bear being done again, for it may have been killed before it was noted. */
async function once(dir: string, note: string, task: () => Promise<void>): Promise<void> {
  if (existsSync(join(dir, note))) return;
  await task();
  await writeFile(join(dir, note), "");
}

async function expectState({ dir }: Lab, daemon: string, question: string, wanted: string): Promise<void> {
  const answer = await askAdminSocket(join(dir, "run", `${daemon}.asok`), question);
  const { state } = z.object({ state: z.string() }).parse(answer);
  if (state !== wanted) throw new Error(`${daemon} is ${state}, not yet ${wanted}`);
}

async function get(url: string): Promise<void> {
  const response = await fetch(url, { signal: AbortSignal.timeout(3000) });
  if (!response.ok) throw new Error(`GET ${url} is answered ${response.status}`);
}
