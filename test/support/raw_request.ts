import { connect, type Socket } from "node:net";

import type { Client } from "./client.ts";

/** An answer as it came over the wire. */
export interface RawAnswer {
  status: number;
  text: string;
}

/** A request whose body is written by hand, piece by piece, as no well-behaved client would. */
export interface RawRequest {
  write(bytes: Uint8Array | string): void;
  /** Ends our side of the connection in good order (FIN), as one does that has nothing more to say. */
  end(): void;
  /** Cuts the connection (RST). */
  cut(): void;
  /** The answer; `null` when the connection ended without one. */
  answer: Promise<RawAnswer | null>;
}

/** Opens a connection of its own, sends a request's head, and leaves its body to the caller. */
export async function openRequest(
  client: Pick<Client, "base" | "token">,
  method: string,
  path: string,
  headers: Record<string, string | number>,
): Promise<RawRequest> {
  const { hostname, port, host } = new URL(client.base);
  const socket = connect(Number(port), hostname);
  const answer = readAnswer(socket);
  await new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject));
  const fields = { host, authorization: `Bearer ${client.token}`, ...headers };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`${method} ${path} HTTP/1.1\r\n${lines.join("")}\r\n`);
  return {
    write: (bytes) => void socket.write(bytes),
    end: () => void socket.end(),
    cut: () => void socket.resetAndDestroy(),
    answer,
  };
}

/** Opens a request that sends a chunk. */
export async function openChunk(
  client: Client,
  uploadId: string,
  index: number,
  headers: Record<string, string | number>,
): Promise<RawRequest> {
  return await openRequest(client, "PUT", `/file/mpupload/uppart?uploadid=${uploadId}&index=${index}`, headers);
}

/** One chunk of a chunked transfer coding (RFC 9112, section 7.1). */
export function coded(bytes: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`${bytes.byteLength.toString(16)}\r\n`), bytes, Buffer.from("\r\n")]);
}

/** What ends a chunked transfer coding. */
export const codedEnd = "0\r\n\r\n";

function readAnswer(socket: Socket): Promise<RawAnswer | null> {
  const { promise, resolve } = Promise.withResolvers<RawAnswer | null>();
  let received = "";
  socket.setEncoding("latin1");
  socket.on("data", (text: string) => {
    received += text;
    const answer = parseAnswer(received);
    if (answer !== null) resolve(answer);
  });
  // A connection that is reset under a writer is what half of these tests are about.
  socket.on("error", () => resolve(null));
  socket.on("close", () => resolve(null));
  return promise;
}

/** The first answer that is whole, past any `100 Continue`. */
function parseAnswer(received: string): RawAnswer | null {
  const end = received.indexOf("\r\n\r\n");
  if (end === -1) return null;
  const [head, text] = [received.slice(0, end), received.slice(end + 4)];
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1]);
  if (status === 100) return parseAnswer(text);
  const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
  return text.length >= length ? { status, text: text.slice(0, length) } : null;
}
