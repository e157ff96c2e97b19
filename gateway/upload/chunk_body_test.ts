import { afterAll, expect, test } from "bun:test";
import { connect } from "node:net";

import { chunkBody, isOnePiece } from "./chunk_body.ts";

/** What became of the bodies that came in. */
const outcomes: Promise<number[]>[] = [];
const server = Bun.serve({
  port: 0,
  fetch: async (request) => {
    const outcome = piecesOf(chunkBody(request));
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

test("a body comes in as many pieces as it takes, of a length that was told or not, and none at all", async () => {
  const total = (lengths: number[]) => lengths.reduce((sum, length) => sum + length, 0);
  expect(total(await send(new Uint8Array(1_000_000).fill(7)))).toBe(1_000_000);
  expect(total(await send(new Blob([new Uint8Array(70_000).fill(7)]).stream()))).toBe(70_000);
  expect(total(await send(null))).toBe(0);
});

test("a body that breaks off is none", async () => {
  const before = outcomes.length;
  const socket = connect(Number(server.port), "localhost", () => {
    socket.write("PUT / HTTP/1.1\r\nhost: a\r\ncontent-length: 1000\r\n\r\nhalf");
  });
  while (outcomes.length === before) await Bun.sleep(5);
  socket.destroy();
  const ended = await outcomes[before]?.catch((error: unknown) => error);
  expect(ended).toBeInstanceOf(Error);
});

test("what Bun gives in one piece is one, if its length was told", () => {
  expect([0, 1, 65_536, 65_537, null].map(isOnePiece)).toEqual([true, true, true, false, false]);
});
