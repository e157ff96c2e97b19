import type { Fault } from "./faults.ts";

const pieceBytes = 2 ** 16;

/** An answer as it reaches a client whose request suffers a fault. What it throws while it is read closes the connection. */
export function disturb(answer: Response, { cutAfter, pauseMs, dropAnswer, crc64 }: Fault): Response {
  if (crc64 !== undefined) answer.headers.set("x-oss-hash-crc64ecma", crc64);
  if (dropAnswer === true) return new Response(broken());
  if (cutAfter === undefined && (pauseMs === undefined || answer.body === null)) return answer;
  const headers = new Headers(answer.headers);
  headers.delete("content-length");
  return new Response(streamOf(pieces(answer, cutAfter ?? Infinity, pauseMs ?? 0)), { status: answer.status, headers });
}

/** The body in small pieces, which ends with an error after `cutAfter` bytes. */
async function* pieces(answer: Response, cutAfter: number, pauseMs: number): AsyncGenerator<Uint8Array> {
  let sent = 0;
  for await (const large of answer.body ?? []) {
    for (let at = 0; at < large.byteLength; at += pieceBytes) {
      const piece = large.subarray(at, Math.min(at + pieceBytes, at + cutAfter - sent));
      yield piece;
      sent += piece.byteLength;
      if (sent >= cutAfter) throw new Error("the answer was cut, as asked");
      if (pauseMs > 0) await Bun.sleep(pauseMs);
    }
  }
}

function broken(): ReadableStream<Uint8Array> {
  return new ReadableStream({ pull: (controller) => controller.error(new Error("the answer was dropped, as asked")) });
}

function streamOf(generator: AsyncGenerator<Uint8Array>): ReadableStream<Uint8Array> {
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await generator.next();
      if (done === true) controller.close();
      else controller.enqueue(value);
    },
    cancel: async () => void (await generator.return(undefined)),
  });
}
