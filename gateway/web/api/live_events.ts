import type { DriveClient } from "./drive_client.ts";
import { sleep } from "./sleep.ts";
import { SseParser, type SseEvent } from "./sse_parser.ts";
import type { FileEvent, UploadStatus } from "./wire.ts";

/** Who listens to the stream. */
export interface LiveListeners {
  onUpload: (status: UploadStatus) => void;
  onFile: (event: FileEvent) => void;
  /** The stream is (again) there: what changed meanwhile was not told. */
  onConnected: () => void;
}

const longestWaitMs = 30_000;

/**
 * Follows the drive's events until `signal` aborts, and connects again when the stream ends.
 * A hidden tab lets go of its stream: on HTTP/1.1 a browser has six connections to a host for all of its tabs.
 */
export async function followEvents(client: DriveClient, listeners: LiveListeners, signal: AbortSignal): Promise<void> {
  for (let failures = 0; !signal.aborted; failures++) {
    await untilVisible(signal);
    if (await follow(client, listeners, AbortSignal.any([signal, whenHidden()]))) failures = 0;
    if (!signal.aborted && !document.hidden) await sleep(waitMs(failures), signal, window).catch(() => undefined);
  }
}

/** Reads one stream to its end; answers whether it was there at all. */
async function follow(client: DriveClient, listeners: LiveListeners, signal: AbortSignal): Promise<boolean> {
  let connected = false;
  try {
    const body = await client.events(signal);
    connected = true;
    listeners.onConnected();
    const parser = new SseParser();
    for await (const text of textOf(body)) for (const event of parser.push(text)) tell(event, listeners);
  } catch {
    // Whatever ended the stream, the answer is to connect again later; uploads poll meanwhile, and a session
    // that has ended says so itself.
  }
  return connected;
}

async function* textOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  for (let piece = await reader.read(); !piece.done; piece = await reader.read())
    yield decoder.decode(piece.value, { stream: true });
}

function tell({ event, data }: SseEvent, listeners: LiveListeners): void {
  if (event === "upload") listeners.onUpload(JSON.parse(data));
  if (event === "file") listeners.onFile(JSON.parse(data));
}

function waitMs(failures: number): number {
  return Math.min(longestWaitMs, 1000 * 2 ** failures) * (0.5 + Math.random() / 2);
}

function whenHidden(): AbortSignal {
  const control = new AbortController();
  document.addEventListener("visibilitychange", () => control.abort(), { once: true });
  return control.signal;
}

function untilVisible(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (!document.hidden || signal.aborted) return resolve();
    document.addEventListener("visibilitychange", () => resolve(), { once: true });
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
