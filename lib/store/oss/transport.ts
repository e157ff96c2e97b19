/** What one request sends and how it may end; ali-oss has no way to say either. */
export interface Sending {
  signal: AbortSignal;
  /** How long a body may stand still, milliseconds. */
  idleMs: number;
  /** Certificates (PEM) that are trusted instead of the system's. */
  ca?: string | undefined;
  /** Goes out instead of what ali-oss would send: a slice of a file goes by sendfile(2), without passing through JavaScript. */
  body?: Blob | undefined;
}

/** The part of urllib's parameters that ali-oss gives and that is followed here. */
interface Asked {
  method: string;
  headers: Record<string, string | number>;
  content?: string | Uint8Array;
  /** The answer's body is wanted as it is. */
  customResponse?: boolean;
}

/** The part of urllib's answer that ali-oss reads. */
interface Answered {
  status: number;
  headers: Record<string, string>;
  /** Of an answer that is no `customResponse`, or a refusal. */
  data?: Buffer;
  res?: unknown;
}

/** Stands in for urllib (ali-oss's option `urllib`). */
export interface Transport {
  request(url: string, asked: Asked): Promise<Answered>;
  /** What a request failed with before it was answered: ali-oss makes of it an error that says nothing. */
  failure(): unknown;
}

/**
 * Bun's fetch in place of urllib, which knows no AbortSignal, whose only timeout runs from the first byte to the last, and which reads
 * a file through JavaScript. Bun's timer runs while bytes could be sent or received and none are.
 */
export function transportOf({ signal, idleMs, ca, body }: Sending): Transport {
  let failure: unknown;
  return {
    failure: () => failure,
    async request(url, { method, headers, content, customResponse }) {
      try {
        const response = await fetch(url, {
          method,
          headers: headersOf(headers),
          signal,
          timeout: idleMs,
          redirect: "manual",
          ...(ca !== undefined && { tls: { ca } }),
          ...sent(body, content),
        });
        return customResponse === true && response.ok ? passedOn(response) : await read(response);
      } catch (error) {
        failure = error;
        throw error;
      }
    },
  };
}

/** OSS compresses some types on its way where a client would take it: then neither lengths nor ranges are those of the object. */
function headersOf(headers: Asked["headers"]): Record<string, string> {
  const given = Object.entries(headers).map(([name, value]) => [name, String(value)]);
  return { ...Object.fromEntries(given), "accept-encoding": "identity" };
}

/** Bun gives a file of no bytes no Content-Length, without which OSS answers 411. */
function sent(body: Blob | undefined, content: Asked["content"]): { body?: Blob | string | Uint8Array<ArrayBuffer> } {
  if (body !== undefined) return { body: body.size === 0 ? "" : body };
  if (content === undefined) return {};
  return { body: typeof content === "string" ? content : new Uint8Array(content) };
}

function passedOn(response: Response): Answered {
  const headers = Object.fromEntries(response.headers);
  return { status: response.status, headers, res: response };
}

async function read(response: Response): Promise<Answered> {
  const headers = Object.fromEntries(response.headers);
  const { status } = response;
  const data = Buffer.from(await response.arrayBuffer());
  // An answer to HEAD has no body; why it is refused stands in a header, which ali-oss passes over where the status is 404.
  const error = data.byteLength === 0 ? headers["x-oss-err"] : undefined;
  return { status, headers, data: error === undefined ? data : Buffer.from(error, "base64"), res: { status, headers } };
}
