/**
 * A test server that speaks enough of Aliyun OSS to be its engine's opposite: it keeps objects on disk, and refuses what OSS
 * refuses (signatures V1 and V4, in headers and in URLs, dates, MD5s, parts). It is **no** object store: one process, nothing
 * is synced, one account. Where behaviour is not Aliyun's documented one, a comment says so.
 *
 * ```ts
 * const server = await startOssServer({ dir, region: "cn-test", accounts: [{ accessKeyId: "KEY", accessKeySecret: "SECRET" }] });
 * await server.makeBucket("sluice");
 * server.faults.add({ method: "PUT", times: 2, status: 503 });
 * ```
 */
export type { Account } from "./authorize.ts";
export type { Fault } from "./faults.ts";
export { type OssServer, type OssServerOptions, startOssServer } from "./server.ts";
