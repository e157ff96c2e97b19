import { constants } from "node:fs";
import { open } from "node:fs/promises";

// What a machine's disk takes of uploads: a bare Bun server that writes each body at its place of one file, gathered to
// 256 KiB a write, and does nothing else. Takes the file; the place is the query's `at`.

const gatherBytes = 256 * 1024;
const path = process.argv[2] ?? "";

async function writeBody(body: AsyncIterable<Uint8Array>, at: number): Promise<number> {
  await using file = await open(path, constants.O_WRONLY | constants.O_CREAT);
  const buffer = new Uint8Array(gatherBytes);
  let [size, gathered] = [0, 0];
  const flush = async () => {
    await file.write(buffer, 0, gathered, at + size);
    size += gathered;
    gathered = 0;
  };
  for await (const piece of body) {
    for (let done = 0; done < piece.byteLength;) {
      const part = piece.subarray(done, done + gatherBytes - gathered);
      buffer.set(part, gathered);
      gathered += part.byteLength;
      done += part.byteLength;
      if (gathered === gatherBytes) await flush();
    }
  }
  await flush();
  return size;
}

const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  maxRequestBodySize: Number.MAX_SAFE_INTEGER,
  async fetch(request) {
    const at = Number(new URL(request.url).searchParams.get("at"));
    return Response.json({ size: request.body ? await writeBody(request.body, at) : 0 });
  },
});
process.stdout.write(`write listens on http://127.0.0.1:${server.port}\n`);
