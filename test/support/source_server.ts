import { once } from "node:events";
import { createServer, type Socket } from "node:net";

/** A request that a {@link Source} has got. */
export interface SourceRequest {
  /** Path and query. */
  path: string;
  /** By lower-case name. */
  headers: Record<string, string>;
  /** How many requests for this path came before. */
  earlier: number;
  /** Aborted once the client is gone. */
  gone: AbortSignal;
  /** Sends bytes, as they are, no faster than they are taken. */
  send(bytes: Uint8Array | string): Promise<void>;
  /** Ends the connection in order: what a server does that is done, or dies politely. */
  end(): void;
  /** Cuts it. */
  cut(): void;
}

export type SourceAnswer = (request: SourceRequest) => Promise<void> | void;

/** A server that a drive fetches from, and that does whatever servers do. It speaks HTTP by hand, so that it may speak it badly. */
export interface Source extends AsyncDisposable {
  port: number;
  requests: SourceRequest[];
  /** Has a path answered so. @returns its URL. */
  serve(path: string, answer: SourceAnswer): string;
}

/** Starts a source on 127.0.0.1. */
export async function startSource(): Promise<Source> {
  const answers = new Map<string, SourceAnswer>();
  const requests: SourceRequest[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    const gone = new AbortController();
    // What a client does to its connection is seen by `gone`.
    socket.on("error", () => {});
    socket.on("close", () => {
      sockets.delete(socket);
      gone.abort();
    });
    let head = "";
    const read = (data: Buffer) => {
      head += data.toString("latin1");
      if (!head.includes("\r\n\r\n")) return;
      socket.off("data", read);
      // Else an end would not be noticed.
      socket.resume();
      const request = requestOf(head, socket, gone.signal);
      const earlier = requests.filter(({ path }) => path === request.path).length;
      const numbered = { ...request, earlier };
      requests.push(numbered);
      const answer = answers.get(request.path.split("?")[0] ?? "") ?? notFound;
      Promise.resolve(answer(numbered)).catch(() => socket.destroy());
    };
    socket.on("data", read);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = address !== null && typeof address === "object" ? address.port : 0;
  return {
    port,
    requests,
    serve: (path, answer) => {
      answers.set(path, answer);
      return `http://127.0.0.1:${port}${path}`;
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

function requestOf(head: string, socket: Socket, gone: AbortSignal): Omit<SourceRequest, "earlier"> {
  const [first = "", ...lines] = (head.split("\r\n\r\n")[0] ?? "").split("\r\n");
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 1).trim()]),
  );
  return {
    path: first.split(" ")[1] ?? "",
    headers,
    gone,
    send: async (bytes) => {
      if (socket.destroyed || socket.write(bytes)) return;
      const over = new AbortController();
      const { signal } = over;
      // Whichever comes second is not awaited any more.
      await Promise.race([once(socket, "drain", { signal }), once(socket, "close", { signal })]).finally(() => over.abort());
    },
    end: () => void socket.end(),
    cut: () => void socket.resetAndDestroy(),
  };
}

const notFound: SourceAnswer = async ({ send, end }) => {
  await send(headOf("404 Not Found", { "content-length": 0 }));
  end();
};

/** The head of an answer. */
export function headOf(status: string, headers: Record<string, string | number> = {}): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status}\r\nConnection: close\r\n${lines.join("")}\r\n`;
}

/** An answer that is but a head. */
export function status(line: string, headers: Record<string, string | number> = {}): SourceAnswer {
  return async ({ send, end }) => {
    await send(headOf(line, { "content-length": 0, ...headers }));
    end();
  };
}

export interface FileOptions {
  etag?: string;
  /** Whether ranges are served. */
  ranges?: boolean;
  /** After how many bytes of its body request `n` (from 0) is cut; those that have none come to their end. */
  cutAfter?: (n: number) => number | undefined;
  /** Between pieces of 64 KiB. */
  pauseMs?: number;
  headers?: Record<string, string | number>;
}

/** Serves a file as servers do, with an entity tag and ranges. */
export function file(bytes: Uint8Array, options: FileOptions = {}): SourceAnswer {
  const { etag = '"v1"', ranges = true, cutAfter, pauseMs = 0, headers = {} } = options;
  return async (request) => {
    const asked = /^bytes=(\d+)-$/.exec(request.headers["range"] ?? "")?.[1];
    const isSame = (request.headers["if-range"] ?? etag) === etag;
    const from = ranges && isSame && asked !== undefined ? Number(asked) : 0;
    const isPart = ranges && isSame && asked !== undefined;
    const common = { etag, "content-length": bytes.byteLength - from, ...headers };
    const span = { "content-range": `bytes ${from}-${bytes.byteLength - 1}/${bytes.byteLength}` };
    await request.send(isPart ? headOf("206 Partial Content", { ...common, ...span }) : headOf("200 OK", common));
    const limit = cutAfter?.(request.earlier);
    const end = limit === undefined ? bytes.byteLength : Math.min(bytes.byteLength, from + limit);
    for (let at = from; at < end && !request.gone.aborted; at += 65_536) {
      await request.send(bytes.subarray(at, Math.min(end, at + 65_536)));
      if (pauseMs > 0) await Bun.sleep(pauseMs);
    }
    // In order, so that the client has got what was sent before.
    request.end();
  };
}
