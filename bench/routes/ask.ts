import type { Shot } from "../load/load_job.ts";
import type { Answered } from "./route_case.ts";

const timeoutMs = 60_000;

/** Sends one request. Of an answer without an end only the first bytes are read. */
export async function ask(url: string, { method, path, headers, body }: Shot, isEndless = false): Promise<Answered> {
  const stop = new AbortController();
  const answer = await fetch(`${url}${path}`, {
    method,
    headers,
    redirect: "manual",
    signal: AbortSignal.any([stop.signal, AbortSignal.timeout(timeoutMs)]),
    ...(body === undefined ? {} : { body: Buffer.from(body, "latin1") }),
  });
  const read = isEndless ? await firstBytes(answer) : await answer.bytes();
  stop.abort();
  return { status: answer.status, headers: answer.headers, body: read };
}

async function firstBytes({ body }: Response): Promise<Uint8Array> {
  for await (const bytes of body ?? []) return bytes;
  return new Uint8Array();
}
