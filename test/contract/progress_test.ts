import { afterAll, beforeAll, describe } from "bun:test";

import { openProgress } from "#lib/progress/mod.ts";

import { lacksServers, type RealServers, realServers } from "../support/real_servers.ts";
import { progressContract } from "./progress.ts";

const onError = (error: unknown) => {
  throw error;
};

progressContract("memory", (log) => openProgress({ log, onError, ttlMs: 60_000 }));

describe.skipIf(lacksServers("redis"))("on a real Redis", () => {
  let servers: RealServers;
  beforeAll(async () => {
    servers = await realServers("redis");
  });
  afterAll(async () => await servers[Symbol.asyncDispose]());

  progressContract("redis", (log) => openProgress({ url: servers.stack.redis, log, onError, ttlMs: 60_000 }));
});
