import { afterAll, beforeAll, describe } from "bun:test";

import { memoryRecency, openRecency } from "#lib/recency/mod.ts";

import { lacksServers, type RealServers, realServers } from "../support/real_servers.ts";
import { recencyContract, windowMs } from "./recency.ts";

const inProcess = memoryRecency(windowMs);
recencyContract("memory", async () => inProcess);

describe.skipIf(lacksServers("redis"))("on a real Redis", () => {
  let servers: RealServers;
  beforeAll(async () => {
    servers = await realServers("redis");
  });
  afterAll(async () => await servers[Symbol.asyncDispose]());

  const onError = (error: unknown) => {
    throw error;
  };
  recencyContract("redis", () => openRecency({ url: servers.stack.redis, onError, windowMs }));
});
