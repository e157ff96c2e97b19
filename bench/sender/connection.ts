import type { Socket } from "bun";

import type { Answer } from "../support/job.ts";

/** One keep-alive connection that sends a request at a time. */
export interface Connection {
  /** Sends the pieces of a request and waits for its answer, of which it keeps 64 KiB. Anything but a 2xx is an error. */
  send(pieces: Iterator<Uint8Array>): Promise<Answer>;
  close(): void;
}

/** What is under way on a connection. */
interface Exchange {
  pieces: Iterator<Uint8Array>;
  rest: Uint8Array | null;
  /** Once its head was read. */
  answer: { status: number; length: number; received: number } | null;
  /** What was read of the head, and then of the body as far as it is kept. */
  reply: string;
  answered: PromiseWithResolvers<Answer>;
}

const keptBytes = 64 * 1024;

/**
 * Opens an HTTP/1.1 connection over a bare socket: `fetch` would copy each body once more and take as much CPU as the
 * server that is to be measured.
 */
export async function connect(hostname: string, port: number): Promise<Connection> {
  let current: Exchange | null = null;
  const fail = (error: Error) => {
    current?.answered.reject(error);
    current = null;
  };
  const socket = await Bun.connect({
    hostname,
    port,
    socket: {
      drain: (socket) => {
        if (current) pump(socket, current);
      },
      data: (_, bytes) => {
        if (current) take(current, bytes);
      },
      close: () => fail(new Error("the server closed the connection")),
      error: (_, error) => fail(error),
    },
  });
  return {
    async send(pieces) {
      const exchange: Exchange = { pieces, rest: null, answer: null, reply: "", answered: Promise.withResolvers<Answer>() };
      current = exchange;
      pump(socket, exchange);
      return await exchange.answered.promise;
    },
    close: () => {
      current = null;
      socket.end();
    },
  };
}

/** Writes until the socket takes no more; `drain` goes on. */
function pump(socket: Socket, exchange: Exchange): void {
  for (;;) {
    const piece = exchange.rest ?? nextOf(exchange.pieces);
    if (piece === null) return;
    const written = Math.max(0, socket.write(piece));
    exchange.rest = written < piece.byteLength ? piece.subarray(written) : null;
    if (exchange.rest) return;
  }
}

function nextOf(pieces: Iterator<Uint8Array>): Uint8Array | null {
  const { done, value } = pieces.next();
  return done ? null : value;
}

function take(exchange: Exchange, bytes: Buffer): void {
  const { answer, reply } = exchange;
  if (answer) answer.received += bytes.byteLength;
  if (!answer || reply.length < keptBytes) exchange.reply += bytes.toString("latin1");
  if (!answer) readHead(exchange);
  settle(exchange);
}

function readHead(exchange: Exchange): void {
  const headEnd = exchange.reply.indexOf("\r\n\r\n");
  if (headEnd === -1) return;
  const head = exchange.reply.slice(0, headEnd);
  exchange.reply = exchange.reply.slice(headEnd + 4);
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1]);
  const length = status === 204 ? 0 : Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1]);
  if (Number.isNaN(length)) exchange.answered.reject(new Error(`an answer without a length:\n${head}`));
  exchange.answer = { status, length, received: exchange.reply.length };
}

function settle({ answer, reply, answered }: Exchange): void {
  if (!answer || answer.received < answer.length) return;
  if (answer.status >= 200 && answer.status < 300)
    answered.resolve({ status: answer.status, body: reply.slice(0, answer.length) });
  else answered.reject(new Error(`answered ${answer.status}: ${reply}`));
}
