/** One server-sent event (WHATWG HTML, section 9.2). */
export interface ServerEvent {
  event: string;
  id: string;
  data: Record<string, unknown>;
}

/** A stream of events that a test listens to. */
export interface EventStream {
  response: Response;
  /** Every event so far. */
  seen: ServerEvent[];
  /** Waits for an event that is as wanted. @throws {Error} that tells what came instead. */
  waitFor(what: string, isWanted: (event: ServerEvent) => boolean): Promise<ServerEvent>;
  /** Resolves when the server ends the stream. */
  ended: Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Opens `GET /file/events` and reads it until it is disposed of. */
export async function openEvents(base: string, headers: Record<string, string>): Promise<EventStream> {
  const abort = new AbortController();
  const response = await fetch(`${base}/file/events`, { headers, signal: abort.signal });
  const seen: ServerEvent[] = [];
  const connected = Promise.withResolvers<void>();
  const read = async () => {
    let text = "";
    const decoder = new TextDecoder();
    for await (const piece of response.body ?? []) {
      text += decoder.decode(piece, { stream: true });
      const blocks = text.split("\n\n");
      text = blocks.pop() ?? "";
      seen.push(...blocks.flatMap(parseEvent));
      connected.resolve();
    }
  };
  const ended = read()
    .catch((error: unknown) => {
      if (!abort.signal.aborted) throw error;
    })
    .finally(() => connected.resolve());
  if (response.ok) await connected.promise;
  return {
    response,
    seen,
    ended,
    waitFor: async (what, isWanted) => {
      for (const end = performance.now() + 15_000; performance.now() < end; await Bun.sleep(5)) {
        const found = seen.find(isWanted);
        if (found) return found;
      }
      throw new Error(`no event for ${what}; there were ${JSON.stringify(seen)}`);
    },
    [Symbol.asyncDispose]: async () => {
      abort.abort();
      await ended;
    },
  };
}

function parseEvent(block: string): ServerEvent[] {
  const fields = { event: "message", id: "", data: "" };
  for (const line of block.split("\n")) {
    const [, name, value = ""] = /^(\w+): ?(.*)$/.exec(line) ?? [];
    if (name === "event" || name === "id") fields[name] = value;
    else if (name === "data") fields.data += value;
    else if (name !== undefined && name !== "retry") throw new Error(`unknown field in ${JSON.stringify(block)}`);
  }
  return fields.data === "" ? [] : [{ ...fields, data: JSON.parse(fields.data) as Record<string, unknown> }];
}
