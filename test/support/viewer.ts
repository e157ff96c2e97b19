import { connect, type Socket } from "node:net";

/** A client that watches a video by hand: it may stop reading, and be gone whenever it likes. */
export interface Viewer {
  /** Resolves with the status of the answer, or 0 when the connection ended before there was one. */
  status: Promise<number>;
  /** Bytes taken so far, head included. */
  taken(): number;
  /** Takes what comes, from now on; else it takes nothing once it has the head. */
  read(): void;
  /** Says that it has no more to say (FIN), and goes on listening. */
  halfClose(): void;
  /** Ends in good order. */
  close(): void;
  /** Cuts the connection (RST). */
  cut(): void;
  closed: Promise<void>;
}

/** Asks for a video and stops reading with the first bytes of the answer. */
export async function openViewer(url: string, headers: Record<string, string> = {}, method = "GET"): Promise<Viewer> {
  const { hostname, port, host, pathname } = new URL(url);
  const socket: Socket = connect(Number(port), hostname);
  const status = Promise.withResolvers<number>();
  const closed = Promise.withResolvers<void>();
  let taken = 0;
  let isReading = false;
  socket.on("data", (data: Buffer) => {
    taken += data.byteLength;
    status.resolve(Number(/^HTTP\/1\.1 (\d{3})/.exec(data.toString("latin1"))?.[1] ?? 0));
    if (!isReading) socket.pause();
  });
  // A connection that is cut is what most of these are about.
  socket.on("error", () => {});
  socket.on("close", () => {
    status.resolve(0);
    closed.resolve();
  });
  await new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject));
  const lines = Object.entries({ host, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`${method} ${pathname} HTTP/1.1\r\n${lines.join("")}\r\n`);
  return {
    status: status.promise,
    taken: () => taken,
    read: () => {
      isReading = true;
      socket.resume();
    },
    halfClose: () => void socket.end(),
    close: () => void socket.destroy(),
    cut: () => void socket.resetAndDestroy(),
    closed: closed.promise,
  };
}
