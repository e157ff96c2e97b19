import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { bytesOf } from "./client.ts";

/** Bytes that are a WAV file of that size (44 or more), with noise for sound: media that needs no tool to make. */
export function wavOf(size: number, seed: string | number = size): Uint8Array<ArrayBuffer> {
  const bytes = bytesOf(size, seed);
  const view = new DataView(bytes.buffer);
  const text = (at: number, word: string) => bytes.set(new TextEncoder().encode(word), at);
  text(0, "RIFF");
  view.setUint32(4, size - 8, true);
  text(8, "WAVEfmt ");
  // 16 bytes of format: PCM, one channel, 8000 samples a second of 8 bits.
  for (const [at, value] of [
    [16, 16],
    [24, 8000],
    [28, 8000],
  ] as const)
    view.setUint32(at, value, true);
  for (const [at, value] of [
    [20, 1],
    [22, 1],
    [32, 1],
    [34, 8],
  ] as const)
    view.setUint16(at, value, true);
  text(36, "data");
  view.setUint32(40, size - 44, true);
  return bytes;
}

/** Whether clips can be made here: CI has the tools, a laptop need not. */
export const hasMediaTools = Bun.which("ffmpeg") !== null && Bun.which("ffprobe") !== null;

/** Makes a clip by ffmpeg: `args` say from what, and end before the name of the output. */
export async function makeClip(extension: string, ...args: string[]): Promise<Uint8Array<ArrayBuffer>> {
  const folder = await mkdtemp(join(tmpdir(), "sluice-clip-"));
  try {
    const path = join(folder, `clip.${extension}`);
    const made = Bun.spawnSync(["ffmpeg", "-nostdin", "-v", "error", ...args, path]);
    if (!made.success) throw new Error(`ffmpeg made no clip: ${made.stderr.toString()}`);
    return new Uint8Array(await Bun.file(path).arrayBuffer());
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** A test picture that moves, as ffmpeg's input. */
export const testPicture = (seconds: number, size = "320x240") => [
  "-f",
  "lavfi",
  "-i",
  `testsrc=duration=${seconds}:size=${size}:rate=10`,
];
