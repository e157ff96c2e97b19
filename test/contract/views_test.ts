import { afterAll, beforeAll, describe } from "bun:test";

import { newId } from "#lib/id/mod.ts";
import { memoryViews, openViews } from "#lib/views/mod.ts";

import { lacksServers, type RealServers, realServers } from "../support/real_servers.ts";
import { viewsContract } from "./views.ts";

const inProcess = memoryViews();
viewsContract("memory", async () => inProcess);

describe.skipIf(lacksServers("redis"))("on a real Redis", () => {
  let servers: RealServers;
  beforeAll(async () => {
    servers = await realServers("redis");
  });
  afterAll(async () => await servers[Symbol.asyncDispose]());

  const drive = newId();
  const onError = (error: unknown) => {
    throw error;
  };
  viewsContract("redis", () => openViews({ url: servers.stack.redis, drive, onError }));
});
