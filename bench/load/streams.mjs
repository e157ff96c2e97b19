import { connect } from "node:net";

import { createTally } from "./tally.mjs";

const timeoutMs = 30_000;

/**
 * Opens an answer that has no end, waits for its first bytes, and closes it: as many at a time as there are connections.
 * @param {import("./load_job.ts").LoadJob} job
 */
export async function runStreams({ url, connections, status, traffic: { shot, seconds } }) {
  const { hostname, port, host } = new URL(url);
  const lines = Object.entries({ host, ...shot.headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  const request = `${shot.method} ${shot.path} HTTP/1.1\r\n${lines.join("")}\r\n`;
  const { tally, answered, fail } = createTally(status);
  const end = performance.now() + seconds * 1000;
  const open = async () => {
    while (performance.now() < end && tally.wrong === 0) {
      const begin = performance.now();
      await openOnce({ hostname, port, request }).then(
        (code) => answered(code, performance.now() - begin),
        (error) => fail(error.message),
      );
    }
  };
  await Promise.all(Array.from({ length: connections }, open));
  return tally;
}

/** @returns the status, once something of the body is there. */
function openOnce({ hostname, port, request }) {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port) }, () => socket.write(request));
    let said = "";
    socket.setTimeout(timeoutMs, () => socket.destroy(new Error("nothing was said in time")));
    socket.on("data", (bytes) => {
      said += bytes.toString("latin1");
      const [head = "", ...body] = said.split("\r\n\r\n");
      if (body.join("") === "") return;
      resolve(Number(head.split(" ")[1]));
      socket.destroy();
    });
    socket.on("error", reject);
    socket.on("close", () => reject(new Error("the connection was closed")));
  });
}
