import { connect } from "node:net";

/** Resolves when something takes a connection on that port of 127.0.0.1. */
export async function connectOnce(port: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const socket = connect({ host: "127.0.0.1", port });
  socket.once("connect", resolve);
  socket.once("error", reject);
  try {
    await promise;
  } finally {
    socket.destroy();
  }
}
