import { connect, createServer, type Server, type Socket } from "node:net";
import { Transform } from "node:stream";
import { createServer as createTlsServer } from "node:tls";

/** What stands between the drive and its store. */
export interface S3Proxy extends AsyncDisposable {
  port: number;
}

export interface S3ProxyOptions {
  /** Where the store is. */
  endpoint: string;
  /** Speaks TLS to the drive. */
  tls?: { key: string; cert: string };
  /** Turns over one bit of every connection's 600,000th byte towards the store: in a body, for heads are short. */
  turnsBit?: boolean;
}

/** A network that goes wrong, in front of a store. */
export async function startS3Proxy({ endpoint, tls, turnsBit = false }: S3ProxyOptions): Promise<S3Proxy> {
  const { hostname, port } = new URL(endpoint);
  const open = new Set<Socket>();
  const relay = (near: Socket) => {
    const far = connect(Number(port), hostname);
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(socket);
      // A broken half ends the other: what went wrong is for the drive to see.
      socket.on("error", () => other.destroy());
      socket.on("close", () => {
        open.delete(socket);
        other.destroy();
      });
    }
    if (turnsBit) near.pipe(turningBit(600_000)).pipe(far);
    else near.pipe(far);
    far.pipe(near);
  };
  const server: Server = tls ? createTlsServer(tls, relay) : createServer(relay);
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", resolve);
  await promise;
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the proxy has no port");
  return {
    port: address.port,
    [Symbol.asyncDispose]: async () => {
      for (const socket of open) socket.destroy();
      const { promise, resolve } = Promise.withResolvers<unknown>();
      server.close(resolve);
      await promise;
    },
  };
}

function turningBit(at: number): Transform {
  let seen = 0;
  return new Transform({
    transform(piece: Buffer, _, done) {
      const index = at - seen;
      seen += piece.byteLength;
      if (index >= 0 && index < piece.byteLength) piece.writeUInt8(piece.readUInt8(index) ^ 1, index);
      done(null, piece);
    },
  });
}
