import { Crc32, crc32Hex } from "#lib/bytes/mod.ts";

import type { Account } from "./account.ts";
import type { Outgoing, Part } from "./job.ts";
import { makePattern } from "./pattern.ts";
import type { Sender } from "./sender.ts";
import type { Transfer } from "./transfer.ts";

/** How an upload is cut, and over how many connections it goes. */
export interface Shape {
  connections: number;
  chunkBytes: number;
  totalBytes: number;
}

const pattern = makePattern();
/** No two chunks of an upload are alike. */
const stride = 64 * 1024;

export function shapeName({ connections, chunkBytes }: Shape): string {
  return `${chunkBytes / 2 ** 20} MiB chunks over ${connections}`;
}

function bodyOf(index: number, bytes: number): Part & { kind: "cut" } {
  const piece = Math.min(bytes, pattern.byteLength / 2);
  return { kind: "cut", at: (index * stride) % (pattern.byteLength / 2), bytes: piece, times: bytes / piece };
}

function requestsOf(url: (index: number) => string, headers: Record<string, string>, shape: Shape): Outgoing[] {
  return Array.from({ length: shape.totalBytes / shape.chunkBytes }, (_, i) => ({
    method: "PUT",
    url: url(i + 1),
    headers,
    body: [bodyOf(i + 1, shape.chunkBytes)],
  }));
}

/** The chunks sent to a server that keeps nothing. */
export function discardedShape(name: string, sender: Sender, url: string, shape: Shape): Transfer {
  const requests = requestsOf((index) => `${url}/file/mpupload/uppart?uploadid=none&index=${index}`, {}, shape);
  return { name, run: async () => (await sender.run({ connections: shape.connections, requests })).seconds };
}

/** The chunks sent to a drive, which must answer each with its CRC-32. What it took is cancelled. */
export function uploadedShape(name: string, sender: Sender, account: Account, shape: Shape): Transfer {
  const { chunkBytes, connections, totalBytes } = shape;
  return {
    name,
    run: async () => {
      const opening = { name: "bench.bin", size: totalBytes, chunkSize: chunkBytes };
      const { uploadId } = await account.json<{ uploadId: string }>(201, "POST", "/file/mpupload/init", opening);
      const url = (index: number) => `${account.url}/file/mpupload/uppart?uploadid=${uploadId}&index=${index}`;
      const { seconds, answers } = await sender.run({ connections, requests: requestsOf(url, account.headers, shape) });
      for (const [i, { body }] of answers.entries()) mustBe(body, answerTo(i + 1, chunkBytes));
      await account.json(204, "POST", "/file/mpupload/cancel", { uploadId });
      return seconds;
    },
  };
}

function answerTo(index: number, bytes: number): string {
  const crc = new Crc32();
  const { at, bytes: piece, times } = bodyOf(index, bytes);
  for (let i = 0; i < times; i++) crc.update(pattern.subarray(at, at + piece));
  return JSON.stringify({ index, size: bytes, crc32: crc32Hex(crc.value) });
}

function mustBe(value: string, expected: string): void {
  if (value !== expected) throw new Error(`answered ${value}, must be ${expected}`);
}
