import { afterAll, expect, test } from "bun:test";
import { connect } from "node:net";

import { chunkBody } from "./chunk_body.ts";

/** What became of the bodies that came in. */
const outcomes: Promise<number[]>[] = [];
const server = Bun.serve({
  port: 0,
  fetch: async (request) => {
    const length = request.headers.get("content-length");
    const outcome = piecesOf(chunkBody(request, length === null ? null : Number(length)));
    outcomes.push(outcome);
    return Response.json(await outcome.catch(() => []));
  },
});
afterAll(() => server.stop(true));

/** The length of each piece, which is only there until the next is asked for. */
async function piecesOf(body: AsyncIterable<Uint8Array>): Promise<number[]> {
  const lengths: number[] = [];
  const seen: Uint8Array[] = [];
  for await (const piece of body) {
    expect(piece.every((byte) => byte === 7)).toBe(true);
    lengths.push(piece.byteLength);
    seen.push(piece);
  }
  expect(seen.every(({ byteLength }) => byteLength === 0)).toBe(true);
  return lengths;
}

async function send(body: NonNullable<RequestInit["body"]> | null): Promise<number[]> {
  return JSON.parse(await (await fetch(server.url, { method: "PUT", body })).text());
}

test("a small body comes in one piece, a larger one in as many as it takes", async () => {
  expect(await send(new Uint8Array(65_536).fill(7))).toEqual([65_536]);
  expect(await send(new Uint8Array(1).fill(7))).toEqual([1]);
  const large = await send(new Uint8Array(1_000_000).fill(7));
  expect(large.reduce((sum, length) => sum + length, 0)).toBe(1_000_000);
});

test("a body of no length that was told, and none at all", async () => {
  const untold = await send(new Blob([new Uint8Array(70_000).fill(7)]).stream());
  expect(untold.reduce((sum, length) => sum + length, 0)).toBe(70_000);
  expect((await send(null)).reduce((sum, length) => sum + length, 0)).toBe(0);
});

test("a small body that breaks off is none", async () => {
  const before = outcomes.length;
  const socket = connect(Number(server.port), "localhost", () => {
    socket.write("PUT / HTTP/1.1\r\nhost: a\r\ncontent-length: 1000\r\n\r\nhalf");
  });
  while (outcomes.length === before) await Bun.sleep(5);
  socket.destroy();
  expect(outcomes[before]).rejects.toThrow();
  await outcomes[before]?.catch(() => {});
});
