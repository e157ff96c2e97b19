import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { newId } from "#lib/id/mod.ts";

import { eventually } from "../contract/eventually.ts";
import { startChild } from "./child.ts";
import { openBucket } from "./oss-server/bucket.ts";
import { ossAccount, ossRegion, ossUrl } from "./oss_bucket.ts";

/** The test server in a process of its own, which can be killed, frozen, and started again on the same port with what it holds. */
export interface OssProcess extends AsyncDisposable {
  url(parameters?: Record<string, string>): string;
  port: number;
  /** Waits until some part of a multipart upload is there. */
  hasPart(): Promise<void>;
  kill(): Promise<void>;
  start(): Promise<void>;
  signal(name: "SIGSTOP" | "SIGCONT"): void;
}

export async function startOssProcess(): Promise<OssProcess> {
  const dir = await mkdtemp(join(tmpdir(), "sluice-oss-"));
  const bucket = `sluice-${newId().toLowerCase()}`;
  const start = async (port: number) =>
    startChild({
      program: "test/support/oss-server/main.ts",
      args: [dir, String(port), bucket],
      env: { OSS_KEY: ossAccount.accessKeyId, OSS_SECRET: ossAccount.accessKeySecret, OSS_REGION: ossRegion },
      ready: /listens on (\d+)/,
    });
  let child = await start(0);
  const port = Number(child.ready[1]);
  const kill = async () => {
    child.signal("SIGKILL");
    await child.exited;
  };
  return {
    port,
    kill,
    async hasPart() {
      const uploads = openBucket(dir, bucket, Date.now).uploads;
      await eventually("a part is there", async () => {
        const [upload] = await uploads.all();
        return upload !== undefined && (await uploads.parts(upload.id)).length > 0;
      });
    },
    url: (parameters = {}) => ossUrl(port, bucket, parameters),
    start: async () => void (child = await start(port)),
    signal: (name) => child.signal(name),
    async [Symbol.asyncDispose]() {
      await kill();
      await rm(dir, { recursive: true });
    },
  };
}
