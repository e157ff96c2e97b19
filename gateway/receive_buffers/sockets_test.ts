import { expect, test } from "bun:test";
import { once } from "node:events";
import { connect } from "node:net";

import { socketsOn } from "./sockets.ts";

test("bounds the socket that listens and those it accepted, before and after, and lets them go", async () => {
  await using stack = new AsyncDisposableStack();
  const server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response("there") });
  stack.defer(() => server.stop(true));
  const port = server.port ?? 0;
  const sockets = socketsOn(port);
  /** A connection that the server has accepted. Its other end, in this process, is on another port. */
  const open = async () => {
    const socket = connect(port, "127.0.0.1");
    stack.defer(() => void socket.destroy());
    socket.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    await once(socket, "data");
  };
  await open();
  const before = sockets.bounds();
  expect(before).toHaveLength(2);
  sockets.bound(48 * 1024);
  await open();
  expect(sockets.bounds()).toEqual([48 * 1024, 48 * 1024, 48 * 1024]);
  sockets.release();
  sockets.bound(64 * 1024);
  expect(sockets.bounds()).toEqual([64 * 1024, 64 * 1024, 64 * 1024]);
  expect(socketsOn(1).bounds()).toEqual([]);
});
