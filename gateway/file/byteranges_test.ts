import { expect, test } from "bun:test";

import { byteRanges, contentRange } from "./byteranges.ts";

const bytes = new TextEncoder().encode("0123456789");

test("names a range as Content-Range does", () => {
  expect(contentRange({ offset: 2, length: 3 }, 10)).toBe("bytes 2-4/10");
});

test("writes each range with its headers, and is as long as it says", async () => {
  const ranges = [
    { offset: 0, length: 2 },
    { offset: 8, length: 1 },
  ];
  const whole = byteRanges(
    ranges,
    10,
    "text/x-test",
    async ({ offset, length }) => new Blob([bytes.slice(offset, offset + length)]),
  );
  const boundary = whole.contentType.replace("multipart/byteranges; boundary=", "");
  const text = await new Response(whole.body()).text();
  const part = (range: string, content: string) =>
    `\r\n--${boundary}\r\nContent-Type: text/x-test\r\nContent-Range: bytes ${range}/10\r\n\r\n${content}`;
  expect(text).toBe(`${part("0-1", "01")}${part("8-8", "8")}\r\n--${boundary}--\r\n`);
  expect(whole.length).toBe(text.length);
});

test("opens a range only when its turn comes, and none after the client went", async () => {
  const opened: number[] = [];
  const ranges = [1, 2, 3].map((offset) => ({ offset, length: 1 }));
  const whole = byteRanges(ranges, 10, "text/plain", async ({ offset }) => {
    opened.push(offset);
    return new Blob([bytes.slice(offset, offset + 1)]);
  });
  const reader = whole.body().getReader();
  await reader.read();
  await reader.read();
  await reader.cancel();
  expect(opened.length).toBeLessThan(3);
});
