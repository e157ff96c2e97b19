import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";

import { newId } from "#lib/id/mod.ts";

import { type Address, addressOf } from "./address.ts";
import { type Account, authorize } from "./authorize.ts";
import { type Bucket, makeBucket, openBucket } from "./bucket.ts";
import { disturb } from "./disturb.ts";
import { createFaults, type Fault, type Faults } from "./faults.ts";
import { OssError, refusal } from "./oss_error.ts";
import { route } from "./route.ts";

export interface OssServerOptions {
  /** A folder that outlives the server. */
  dir: string;
  accounts: Account[];
  region: string;
  /** 0 takes a free one. */
  port?: number;
  /** How far the server's clock is ahead, milliseconds. */
  clockAheadMs?: number;
}

/** A request as the server saw it. */
export interface Seen {
  method: string;
  /** Path and query. */
  url: string;
  /** 0 while it is not answered. */
  status: number;
}

export interface OssServer {
  port: number;
  faults: Faults;
  /** What was asked since the start, or since it was emptied. */
  seen: Seen[];
  /** Buckets are made here, not by clients. */
  makeBucket(name: string): Promise<void>;
  removeBucket(name: string): Promise<void>;
  /** A bucket as it lies on the disk, past all requests. */
  bucket(name: string): Bucket;
  stop(): Promise<void>;
}

/** Starts the server on 127.0.0.1. It is a test server, and no object store. */
export async function startOssServer(options: OssServerOptions): Promise<OssServer> {
  const { dir, accounts, region } = options;
  await mkdir(dir, { recursive: true });
  const faults = createFaults();
  const seen: Seen[] = [];
  const now = () => Date.now() + (options.clockAheadMs ?? 0);

  const answer = async (request: Request, address: Address, fault: Fault | undefined): Promise<Response> => {
    if (fault?.delayMs !== undefined) await Bun.sleep(fault.delayMs);
    if (fault?.hang === true) await Promise.withResolvers<never>().promise;
    if (fault?.status !== undefined) throw disorder(fault.status);
    authorize(address, { accounts, region, now });
    return await route({ dir, request, address, fault, now });
  };

  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: options.port ?? 0,
    idleTimeout: 0,
    maxRequestBodySize: 2 ** 36,
    async fetch(request) {
      const requestId = newId();
      const { pathname, search } = new URL(request.url);
      const entry = { method: request.method, url: pathname + search, status: 0 };
      seen.push(entry);
      const fault = faults.take(entry.method, entry.url);
      const answered = await answer(request, addressOf(request), fault).catch((error: unknown) =>
        refusal(asOssError(error), request.method, requestId),
      );
      entry.status = answered.status;
      answered.headers.set("x-oss-request-id", requestId);
      return fault === undefined ? answered : disturb(answered, fault);
    },
  });
  return {
    port: server.port ?? 0,
    faults,
    seen,
    makeBucket: async (name) => makeBucket(dir, name),
    removeBucket: async (name) => rm(join(dir, name), { recursive: true }),
    bucket: (name) => openBucket(dir, name, now),
    stop: async () => server.stop(true),
  };
}

/** What OSS says when it is out of order: "InternalError", or of a bucket that is asked too much, "QpsLimitExceeded". */
function disorder(status: number): OssError {
  const code = status === 503 || status === 429 ? "QpsLimitExceeded" : "InternalError";
  return new OssError(status, code, "Please try again.");
}

function asOssError(error: unknown): OssError {
  return error instanceof OssError ? error : new OssError(500, "InternalError", String(error));
}
