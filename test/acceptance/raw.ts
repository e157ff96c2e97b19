import { connect } from "node:net";

/**
 * Sends bytes as they are over a connection of its own and gives all that comes back: for what no HTTP client sends.
 *
 * @param end whether the client closes its half after that, as one does whose line breaks.
 */
export async function sendRaw(url: string, request: string | Uint8Array, { end = false } = {}): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) });
  const answer = Promise.withResolvers<string>();
  let text = "";
  socket.on("data", (data: Buffer) => {
    text += data.toString("latin1");
    if (/^HTTP\/1\.1 \d+ [^\r]*\r\n(?:[^\r]+\r\n)*\r\n/.test(text)) setTimeout(() => socket.destroy(), 50);
  });
  socket.on("close", () => answer.resolve(text));
  socket.on("error", () => answer.resolve(text));
  socket.setTimeout(10_000, () => socket.destroy());
  socket.write(request);
  if (end) socket.end();
  return await answer.promise;
}

/** The status of a raw answer, or 0. */
export function statusOf(answer: string): number {
  return Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1] ?? 0);
}
