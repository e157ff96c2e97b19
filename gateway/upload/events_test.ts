import { expect, test } from "bun:test";

import { newId } from "#lib/id/mod.ts";

import { smallDrive } from "../../test/property/small_drive.ts";
import { createRouter } from "../router.ts";
import { streamEvents } from "./events.ts";

test("HEAD is told what GET is, and nothing goes on for it", async () => {
  await using drive = await smallDrive();
  const { queue } = drive.ctx;
  let listeners = 0;
  const counted = (hear: (topic: string) => void) => {
    listeners += 1;
    return queue.onNotify(hear);
  };
  const ctx = { ...drive.ctx, queue: { ...queue, onNotify: counted } };
  const app = createRouter().get("/file/events", (c) => {
    c.set("principal", { userId: newId(), username: "ann", sessionId: newId() });
    return streamEvents(ctx, c);
  });
  const abort = new AbortController();
  const ask = async (method: string) => {
    const request = new Request("http://drive/file/events", { method, signal: abort.signal });
    return await app.fetch(request, { address: "10.0.0.1", requestId: "r", keepOpen: () => {} });
  };
  const [head, get] = [await ask("HEAD"), await ask("GET")];
  for (const name of ["content-type", "cache-control"]) expect(head.headers.get(name)).toBe(get.headers.get(name));
  expect(head.body).toBeNull();
  expect(listeners).toBe(1);
  await get.body?.cancel();
});
