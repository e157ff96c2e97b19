import { expect, setDefaultTimeout, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { serve } from "../../gateway/main.ts";
import { socketsOn } from "../../gateway/receive_buffers/mod.ts";
import { signUp } from "../support/client.ts";

setDefaultTimeout(120_000);

const chunkBytes = 256 * 1024;
const bound = 96 * 1024;

/** A gateway in this process, whose sockets can be looked at. */
async function gatewayHere(env: Record<string, string>) {
  const dataDir = await mkdtemp(join(tmpdir(), "sluice-buffers-"));
  const { url, ctx } = await serve({
    HOST: "127.0.0.1",
    PORT: "0",
    LOG_LEVEL: "silent",
    WORKERS: "none",
    DATA_DIR: dataDir,
    ...env,
  });
  const port = Number(new URL(url).port);
  return {
    url,
    port,
    bounds: () => socketsOn(port).bounds(),
    async [Symbol.asyncDispose]() {
      await ctx.lifecycle.stop({ timeoutMs: 5000 });
      await rm(dataDir, { recursive: true });
    },
  };
}

/** Begins as many chunks, each over a connection of its own, and sends little of them. */
async function beginChunks({ url, port }: { url: string; port: number }, count: number, stack: DisposableStack): Promise<void> {
  const client = await signUp(url);
  const { uploadId } = await client.init({ name: "a.bin", size: count * chunkBytes, chunkSize: chunkBytes });
  for (let index = 1; index <= count; index++) {
    const socket = stack.adopt(connect(port, "127.0.0.1"), (open) => void open.destroy());
    socket.on("error", () => {
      // The gateway may be the one that ends it.
    });
    const head = [
      `PUT /file/mpupload/uppart?uploadid=${uploadId}&index=${index} HTTP/1.1`,
      "Host: a",
      `Authorization: Bearer ${client.token}`,
      `Content-Length: ${chunkBytes}`,
    ];
    socket.write(`${head.join("\r\n")}\r\n\r\nlittle`);
  }
}

test("many chunks at once are held back to RECEIVE_BUFFER each, whichever connection they come by", async () => {
  await using gateway = await gatewayHere({ RECEIVE_BUFFER: String(bound) });
  using stack = new DisposableStack();
  await beginChunks(gateway, 40, stack);
  // The one that listens, and one for each chunk at least.
  const areAllBound = (bounds: number[]) => bounds.length > 40 && bounds.every((bytes) => bytes === bound);
  while (!areAllBound(gateway.bounds())) await Bun.sleep(5);
  expect(areAllBound(gateway.bounds())).toBe(true);
});

test("few are not, and with 0 none are", async () => {
  for (const [env, count] of [
    [{ RECEIVE_BUFFER: String(bound) }, 8],
    [{ RECEIVE_BUFFER: "0" }, 40],
  ] as const) {
    await using gateway = await gatewayHere(env);
    using stack = new DisposableStack();
    await beginChunks(gateway, count, stack);
    while (gateway.bounds().length <= count) await Bun.sleep(5);
    // As long as it takes to look for connections that came late.
    await Bun.sleep(100);
    // Less than Linux begins with (`tcp_rmem`) is nobody's.
    expect(gateway.bounds().filter((bytes) => bytes <= bound)).toEqual([]);
  }
});
