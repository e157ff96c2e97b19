import { describe, expect, test } from "bun:test";

import { SseParser } from "./sse_parser.ts";

describe("SseParser", () => {
  test("names, data of several lines and comments", () => {
    const text = ": hello\n\nevent: file\ndata: {\ndata: }\n\ndata:x\n\n";
    expect(new SseParser().push(text)).toEqual([
      { event: "file", data: "{\n}" },
      { event: "message", data: "x" },
    ]);
  });

  test("is the same however the stream is cut, with any line end", () => {
    const text = 'event: upload\r\ndata: {"a":1}\r\n\r\nevent: file\r\ndata: 2\r\n\r\n';
    const whole = new SseParser().push(text);
    const parser = new SseParser();
    expect(text.split("").flatMap((letter) => parser.push(letter))).toEqual(whole);
    expect(whole).toHaveLength(2);
  });

  test("an event without data is none", () => {
    expect(new SseParser().push("event: ping\n\n")).toEqual([]);
  });
});
