import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { newId } from "#lib/id/mod.ts";

import { type Account, type OssServer, startOssServer } from "./oss-server/mod.ts";

/** The account of the tests; key and secret hold what must be encoded in a URL. */
export const ossAccount = { accessKeyId: "LTAI+test@key", accessKeySecret: "se/cr+et@:%" } satisfies Account;
export const ossRegion = "cn-test";

/** A test server of a suite's own, with one bucket, which is removed with it. */
export interface OssBucket extends AsyncDisposable {
  server: OssServer;
  name: string;
  /** The store's URL, with further parameters. */
  url(parameters?: Record<string, string>): string;
  /** How many multipart uploads are under way. */
  unfinished(): Promise<number>;
  /** Begins one that nobody will end. */
  leaveUnfinished(): Promise<void>;
}

export async function startOssBucket(options: { accounts?: Account[]; clockAheadMs?: number } = {}): Promise<OssBucket> {
  const dir = await mkdtemp(join(tmpdir(), "sluice-oss-"));
  const name = `sluice-${newId().toLowerCase()}`;
  const server = await startOssServer({ dir, accounts: [ossAccount], region: ossRegion, ...options });
  await server.makeBucket(name);
  const bucket = server.bucket(name);
  return {
    server,
    name,
    url: (parameters = {}) => ossUrl(server.port, name, parameters),
    unfinished: async () => (await bucket.uploads.all()).length,
    async leaveUnfinished() {
      await bucket.uploads.begin({ key: `left/${newId()}`, initiatedAt: Date.now(), headers: {} });
    },
    async [Symbol.asyncDispose]() {
      await server.stop();
      await rm(dir, { recursive: true });
    },
  };
}

/** `STORE_URL` of a bucket of a test server; with the bucket in the path unless `pathStyle` says otherwise. */
export function ossUrl(port: number, bucket: string, parameters: Record<string, string> = {}): string {
  const credentials = [ossAccount.accessKeyId, ossAccount.accessKeySecret].map(encodeURIComponent).join(":");
  const query = new URLSearchParams({ region: ossRegion, pathStyle: "true", ...parameters });
  return `oss:http://${credentials}@localhost:${port}/${bucket}?${query.toString()}`;
}
