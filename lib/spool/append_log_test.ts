import { describe, expect, test } from "bun:test";

import { isAppError } from "../errors/mod.ts";
import { appendLog } from "./append_log.ts";
import { parseLog } from "./parse_log.ts";

/** A file on a disk that takes `takes` bytes of each write in turn, and then all. */
function fileTaking(...takes: number[]) {
  const written: Uint8Array[] = [];
  const write = async (bytes: Uint8Array) => {
    const taken = bytes.subarray(0, takes.shift() ?? bytes.length);
    written.push(taken);
    return { bytesWritten: taken.length };
  };
  return { file: { write }, text: () => Buffer.concat(written) };
}

describe("appending to a chunk log", () => {
  const entry = { kind: "received" as const, index: 2, size: 10, crc32: 5 };

  test("is one write", async () => {
    const { file, text } = fileTaking(1000);
    await appendLog(file, entry);
    expect(parseLog(text())).toEqual({ entries: [entry], end: text().length });
  });

  test("follows a record that was cut with a whole one", async () => {
    const { file, text } = fileTaking(4);
    await appendLog(file, entry);
    expect(parseLog(text()).entries).toEqual([entry]);
  });

  test("gives up on a disk that takes no record", async () => {
    const { file, text } = fileTaking(4, 4);
    const error = await appendLog(file, entry).catch((e: unknown) => e);
    expect(isAppError(error, "no-space")).toBe(true);
    expect(parseLog(text()).entries).toEqual([]);
  });
});
