export { createReceiveBuffers, type ReceiveBuffers } from "./receive_buffers.ts";
export { socketsOn } from "./sockets.ts";
