import { write, writeSync } from "node:fs";

import { systemCode } from "../errors/mod.ts";

/** Writes lines to a descriptor without making anybody wait. */
export interface LineWriter {
  /** @param line one line, its line feed included. */
  write(line: string): void;
  /** Writes what waits, blocking: for the end of the process. Gives up after 1 s in which nobody takes it. */
  flushSync(): void;
}

/** What one write takes at most, and so what can be lost when the process exits meanwhile. A pipe holds as much. */
const pieceBytes = 65_536;
/** Milliseconds for which lines are gathered: a write each turn of the loop would be a sixth of a small request's cost. */
const gatherMs = 20;
/** Milliseconds until a full pipe, or a descriptor that failed, is tried again. */
const fullMs = 10;
const failedMs = 1000;
const flushMs = 1000;

/**
 * Gathers the lines of 20 ms and writes them in one go, one write at a time. A log that cannot be written
 * never takes the drive down: past `maxChars` that wait new lines are dropped, and so are those of a write that fails
 * (a full disk, a reader that is gone). A line that counts them follows once writing works again.
 *
 * Not sonic-boom, whose `flushSync` repeats a write that fails with EPIPE or ENOSPC for ever: a drive whose log is on a
 * full disk could not exit.
 */
export function lineWriter(fd: number, maxChars: number = 2 ** 24): LineWriter {
  const none = Buffer.alloc(0);
  let [waiting, waitingLines] = ["", 0];
  let [rest, restLines] = [none, 0];
  let [dropped, told] = [0, 0];
  let [busy, inFlight] = [false, false];

  const gather = () => {
    const notice = dropped > told ? droppedLine(dropped) : "";
    told = dropped;
    [rest, restLines] = [Buffer.from(waiting + notice), waitingLines];
    [waiting, waitingLines] = ["", 0];
    busy = rest.byteLength > 0;
    if (busy) put();
  };
  const put = () => {
    inFlight = true;
    write(fd, rest, 0, Math.min(rest.byteLength, pieceBytes), null, ended);
  };
  const ended = (error: Error | null, written: number) => {
    inFlight = false;
    if (systemCode(error) === "EAGAIN") return void setTimeout(put, fullMs).unref();
    if (error) return drop();
    rest = rest.subarray(written);
    if (rest.byteLength > 0) put();
    else if (waiting !== "" || dropped > told) setTimeout(gather, gatherMs).unref();
    else busy = false;
  };
  // The error itself is told nowhere: this is the place where errors are told.
  const drop = () => {
    dropped += restLines;
    [rest, restLines, told] = [none, 0, -1];
    // It may have been torn in the middle of a line.
    waiting = `\n${waiting}`;
    setTimeout(gather, failedMs).unref();
  };
  return {
    write(line) {
      if (waiting.length + line.length > maxChars) {
        dropped += 1;
        return;
      }
      waiting += line;
      waitingLines += 1;
      if (!busy) setTimeout(gather, gatherMs).unref();
      busy = true;
    },
    flushSync() {
      // What is in flight has been handed to a thread, which gets a moment; written again, it would be there twice.
      if (inFlight) Bun.sleepSync(fullMs);
      writeNow(fd, Buffer.concat([rest.subarray(inFlight ? pieceBytes : 0), Buffer.from(waiting)]));
      [waiting, waitingLines] = ["", 0];
    },
  };
}

function droppedLine(lines: number): string {
  const time = new Date().toISOString();
  return `${JSON.stringify({ level: 40, time, dropped: lines, msg: "log lines could not be written and are lost" })}\n`;
}

function writeNow(fd: number, bytes: Buffer): void {
  const until = Date.now() + flushMs;
  for (let at = 0; at < bytes.byteLength;) {
    try {
      at += writeSync(fd, bytes, at);
    } catch (error) {
      if (systemCode(error) !== "EAGAIN" || Date.now() > until) return;
      Bun.sleepSync(fullMs);
    }
  }
}
