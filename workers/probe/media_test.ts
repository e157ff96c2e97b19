import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { bytesOf } from "../../test/support/client.ts";
import { hasMediaTools, makeClip, testPicture, wavOf } from "../../test/support/clips.ts";
import { factsOf, findMediaTools, posterOf } from "./media.ts";

setDefaultTimeout(300_000);

const nothing = { durationMs: null, width: null, height: null };

describe.skipIf(!hasMediaTools)("what ffprobe and ffmpeg tell of a file", () => {
  let folder: string;
  let clip: Uint8Array<ArrayBuffer>;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "sluice-media-"));
    clip = await makeClip("mp4", ...testPicture(3, "320x240"), "-c:v", "mpeg4");
  });
  afterAll(async () => await rm(folder, { recursive: true }));

  const look = async (bytes: Uint8Array | string, signal = new AbortController().signal) => {
    const tools = findMediaTools();
    if (tools === null) throw new Error("the tools are gone");
    const path = join(folder, "file.mp4");
    await Bun.write(path, bytes);
    const { note, ...facts } = await factsOf(tools, path, signal);
    return { facts, note, poster: await posterOf(tools, path, facts, signal) };
  };

  test("a clip: all of it", async () => {
    const { facts, poster } = await look(clip);
    expect(facts).toEqual({ durationMs: 3000, width: 320, height: 240 });
    expect(poster?.length).toBeGreaterThan(1000);
  });

  test("a large picture: a poster of 640 pixels", async () => {
    const { facts, poster } = await look(await makeClip("mp4", ...testPicture(1, "1920x1080"), "-c:v", "mpeg4"));
    expect(facts).toMatchObject({ width: 1920, height: 1080 });
    const size = await look(poster ?? "");
    expect(size.facts).toEqual(nothing);
    expect(poster && jpegWidth(poster)).toBe(640);
  });

  test("a sound: how long it is", async () => {
    expect(await look(wavOf(24_044))).toMatchObject({ facts: { durationMs: 3000, width: null, height: null }, poster: null });
  });

  test.each([
    ["nothing", () => new Uint8Array()],
    ["noise", () => bytesOf(300_000, "noise")],
    ["text", () => "hello"],
    ["a clip cut in its middle", () => clip.subarray(0, clip.length / 2)],
    ["a clip whose index is noise", () => Buffer.concat([clip.subarray(0, -2000), bytesOf(2000, "index")])],
  ])("%s: nothing, and no failure", async (_, bytes) => {
    expect(await look(bytes())).toMatchObject({ facts: nothing, poster: null });
  });

  test("playlists and lists of files are not followed, to this machine or another", async () => {
    const asked: string[] = [];
    const server = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      fetch: (request) => {
        asked.push(request.url);
        return new Response(clip);
      },
    });
    const real = join(folder, "real.mp4");
    await Bun.write(real, clip);
    const names = [`${server.url.href}clip.mp4`, `file://${real}`, real, "file:///etc/passwd"];
    for (const name of names) {
      const lists = [
        `#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:3,\n${name}\n#EXT-X-ENDLIST\n`,
        `ffconcat version 1.0\nfile '${name}'\nduration 3\n`,
        `<?xml version="1.0"?><MPD><Period><AdaptationSet><BaseURL>${name}</BaseURL></AdaptationSet></Period></MPD>`,
        `[playlist]\nFile1=${name}\n`,
      ];
      for (const list of lists) expect(await look(list)).toMatchObject({ facts: nothing, poster: null });
    }
    expect(asked).toEqual([]);
    await server.stop(true);
  });

  test("clips with noise in them: whatever can be told, within the limits, and no failure", async () => {
    for (let i = 0; i < 12; i++) {
      const spoiled = clip.slice();
      const noise = bytesOf(200, `noise ${i}`);
      // Here and there; in half of them in the index, which stands at the end.
      for (let j = 0; j < noise.length; j += 2) {
        const at = ((noise[j] ?? 0) * 257 * (j + 1)) % (i % 2 === 0 ? clip.length : 2500);
        spoiled[i % 2 === 0 ? at : clip.length - 1 - at] = noise[j + 1] ?? 0;
      }
      const { facts } = await look(spoiled);
      for (const value of Object.values(facts)) expect(value === null || (Number.isSafeInteger(value) && value > 0)).toBe(true);
    }
  });

  test("a lease that is lost ends it", async () => {
    await expect(look(clip, AbortSignal.abort(new Error("the lease is lost")))).rejects.toThrow("the lease is lost");
  });
});

/** Of the first frame header (ITU T.81, B.2.2). */
function jpegWidth(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  for (let at = 2; ; at += 2 + view.getUint16(at + 2)) {
    const marker = view.getUint16(at);
    if (marker === 0xffc0 || marker === 0xffc2) return view.getUint16(at + 7);
  }
}
