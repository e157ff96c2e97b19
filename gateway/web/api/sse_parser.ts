/** One event of an event stream. */
export interface SseEvent {
  /** `message` unless the stream names another. */
  event: string;
  data: string;
}

/**
 * Takes an event stream apart (WHATWG HTML, section 9.2.6); `EventSource` itself cannot send `Authorization`.
 * Ids and `retry` are passed over: every event here carries a whole state, so a missed one is made good by asking.
 */
export class SseParser {
  #rest = "";
  #event = "message";
  #data: string[] = [];

  /** The events that `text` completes. */
  push(text: string): SseEvent[] {
    const lines = (this.#rest + text).split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop() ?? "";
    return lines.flatMap((line) => this.#line(line));
  }

  #line(line: string): SseEvent[] {
    if (line === "") return this.#dispatch();
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "event") this.#event = value;
    if (field === "data") this.#data.push(value);
    return [];
  }

  #dispatch(): SseEvent[] {
    const { event, data } = { event: this.#event, data: this.#data };
    this.#event = "message";
    this.#data = [];
    return data.length === 0 ? [] : [{ event, data: data.join("\n") }];
  }
}
