// The yardstick of uploads: a bare Bun server that reads a body piece by piece, and forgets it.

const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  maxRequestBodySize: Number.MAX_SAFE_INTEGER,
  async fetch(request) {
    let size = 0;
    for await (const piece of request.body ?? []) size += piece.byteLength;
    return Response.json({ size });
  },
});
process.stdout.write(`discard listens on http://127.0.0.1:${server.port}\n`);
