import { createHash, createHmac } from "node:crypto";

/** A signed-in user of a drive, speaking HTTP as any client would. */
export interface Client {
  base: string;
  username: string;
  password: string;
  token: string;
  refreshToken: string;
  /** Any request, with the token; a plain object as `json` becomes the body. */
  fetch(path: string, init?: RequestInit & { json?: unknown }): Promise<Response>;
  /** The same, whose JSON answer is wanted: fails unless the status is the one given. */
  json<T>(status: number, path: string, init?: RequestInit & { json?: unknown }): Promise<T>;
  /** Uploads by form. */
  upload(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<FileJson>;
  init(body: { name: string; size: number; sha1?: string; chunkSize?: number }): Promise<InitJson>;
  chunk(uploadId: string, index: number, bytes: Uint8Array<ArrayBuffer>, headers?: Record<string, string>): Promise<Response>;
  status(uploadId: string): Promise<StatusJson>;
  /** Sends every chunk in order and completes; waits until the upload is final. */
  uploadChunked(
    name: string,
    bytes: Uint8Array<ArrayBuffer>,
    options?: { chunkSize?: number; sha1?: string },
  ): Promise<StatusJson>;
  /** Waits until an upload is in one of `states`. */
  settled(uploadId: string, ...states: string[]): Promise<StatusJson>;
  download(id: string, headers?: Record<string, string>): Promise<Uint8Array>;
}

export interface FileJson {
  id: string;
  name: string;
  size: number;
  sha1: string;
  sha256: string;
  mime: string;
  state: "spooled" | "stored";
  uploadedAt: string;
  updatedAt: string;
}

export interface InitJson {
  uploadId: string;
  chunkSize: number;
  chunkCount: number;
  expiresAt: string;
  received?: number;
}

export interface StatusJson {
  uploadId: string;
  name: string;
  size: number;
  state: "open" | "fetching" | "verifying" | "done" | "failed" | "cancelled";
  received: number;
  chunkCount: number;
  percent: number;
  missing: number[];
  bytes?: number;
  fileId?: string;
  error?: string;
}

export interface ChallengeJson {
  challenge: { id: string; nonce: string; ranges: [number, number][]; expiresAt: string };
}

export interface ProblemJson {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: string;
  instance: string;
  missing?: number[];
}

/** Signs up a new user. */
export async function signUp(
  base: string,
  username = `user-${crypto.randomUUID().slice(0, 18)}`,
  password = "correct horse",
): Promise<Client> {
  const response = await send(`${base}/user`, { method: "POST", json: { username, password } });
  if (response.status !== 201) throw new Error(`sign-up answered ${response.status}: ${await response.text()}`);
  const { token, refreshToken } = await parse<{ token: string; refreshToken: string }>(response);
  return createClient({ base, username, password, token, refreshToken });
}

/** The same user, who asks another gateway. */
export function sameUser({ username, password, token, refreshToken }: Client, base: string): Client {
  return createClient({ base, username, password, token, refreshToken });
}

function createClient(who: Pick<Client, "base" | "username" | "password" | "token" | "refreshToken">): Client {
  const client: Client = {
    ...who,
    fetch: (path, init = {}) =>
      send(`${client.base}${path}`, {
        ...init,
        headers: { authorization: `Bearer ${client.token}`, ...Object.fromEntries(new Headers(init.headers)) },
      }),
    json: async (status, path, init) => {
      const response = await client.fetch(path, init);
      if (response.status !== status) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
      return await parse(response);
    },
    upload: async (name, bytes) => {
      const form = new FormData();
      form.append("file", new Blob([bytes]), name);
      return await client.json(201, "/file/upload", { method: "POST", body: form });
    },
    init: async (body) => {
      const response = await client.fetch("/file/mpupload/init", { method: "POST", json: body });
      if (!response.ok) throw new Error(`init answered ${response.status}: ${await response.text()}`);
      return await parse(response);
    },
    chunk: (uploadId, index, bytes, headers = {}) =>
      client.fetch(`/file/mpupload/uppart?uploadid=${uploadId}&index=${index}`, { method: "PUT", body: bytes, headers }),
    status: (uploadId) => client.json(200, `/file/mpupload/status?uploadid=${uploadId}`),
    uploadChunked: async (name, bytes, options = {}) => {
      const { uploadId, chunkSize, chunkCount } = await client.init({ name, size: bytes.byteLength, ...options });
      for (let index = 1; index <= chunkCount; index++) {
        const response = await client.chunk(uploadId, index, chunkOf(bytes, chunkSize, index));
        if (!response.ok) throw new Error(`chunk ${index} answered ${response.status}: ${await response.text()}`);
      }
      await client.json(202, "/file/mpupload/complete", { method: "POST", json: { uploadId } });
      return await client.settled(uploadId, "done", "failed");
    },
    settled: async (uploadId, ...states) =>
      await until(
        () => client.status(uploadId),
        (status) => states.includes(status.state),
      ),
    download: async (id, headers = {}) => {
      const response = await client.fetch(`/file/download?id=${id}`, { headers });
      if (!response.ok) throw new Error(`download answered ${response.status}: ${await response.text()}`);
      return await response.bytes();
    },
  };
  return client;
}

/** The contract says what an answer looks like; a test that gets something else fails on it. */
async function parse<T>(response: Response): Promise<T> {
  return (await response.json()) as T;
}

async function send(url: string, { json, ...init }: RequestInit & { json?: unknown }): Promise<Response> {
  if (json === undefined) return await fetch(url, init);
  const headers = new Headers(init.headers);
  headers.set("content-type", "application/json");
  return await fetch(url, { ...init, headers, body: JSON.stringify(json) });
}

/** The bytes of chunk `index` (1-based). */
export function chunkOf(bytes: Uint8Array<ArrayBuffer>, chunkSize: number, index: number): Uint8Array<ArrayBuffer> {
  return bytes.subarray((index - 1) * chunkSize, Math.min(index * chunkSize, bytes.byteLength));
}

/** Asks again until the answer is as wanted; gives up after a time that no working drive needs. */
export async function until<T>(ask: () => Promise<T>, isWanted: (answer: T) => boolean, timeoutMs = 120_000): Promise<T> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (isWanted(answer)) return answer;
    if (performance.now() > end) throw new Error(`still ${JSON.stringify(answer)} after ${timeoutMs} ms`);
    await Bun.sleep(20);
  }
}

/** Bytes that look random and are the same for the same seed. */
export function bytesOf(size: number, seed: string | number = size): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  let block = createHash("sha512").update(String(seed)).digest();
  for (let offset = 0; offset < size; offset += block.byteLength) {
    bytes.set(block.subarray(0, Math.min(block.byteLength, size - offset)), offset);
    block = createHash("sha512").update(block).digest();
  }
  return bytes;
}

/** Lower-case hex. */
export function hashOf(algorithm: "sha1" | "sha256", bytes: Uint8Array): string {
  return createHash(algorithm).update(bytes).digest("hex");
}

/** The answer to an instant-upload challenge by one who has the bytes. */
export function proofOf({ challenge: { nonce, ranges } }: ChallengeJson, bytes: Uint8Array): string {
  const mac = createHmac("sha256", Buffer.from(nonce, "hex"));
  for (const [offset, length] of ranges) mac.update(bytes.subarray(offset, offset + length));
  return mac.digest("hex");
}
