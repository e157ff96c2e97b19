import { expect, test } from "bun:test";

import * as fc from "fast-check";

import { hasMediaTools, makeClip, testPicture, wavOf } from "../../test/support/clips.ts";
import { headBytes, mediaType, sniffed } from "./media_type.ts";

const encode = (text: string) => new TextEncoder().encode(text);

test.each([
  ["nothing", new Uint8Array()],
  ["text", encode("hello, I am holiday.mp4")],
  ["a page", encode("<!doctype html><script>alert(1)</script>")],
  ["a drawing that may run scripts", encode('<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>')],
  ["a playlist", encode("#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n")],
  ["a list of files", encode("ffconcat version 1.0\nfile /etc/passwd\n")],
  ["a PNG", Buffer.from("89504e470d0a1a0a0000000d49484452", "hex")],
  ["a ZIP", Buffer.from("504b0304140000000000", "hex")],
  ["a program", Buffer.from("7f454c46020101000000000000000000", "hex")],
])("%s is no media", async (_, bytes) => {
  await expect(mediaType(bytes)).rejects.toMatchObject({ code: "invalid-request" });
});

test("sound is media", async () => {
  expect(await mediaType(wavOf(100))).toBe("audio/wav");
});

test.skipIf(!hasMediaTools).each([
  ["webm", "video/webm", ["-c:v", "libvpx"]],
  ["mp4", "video/mp4", ["-c:v", "mpeg4"]],
  ["mov", "video/quicktime", ["-c:v", "mpeg4"]],
  ["mkv", "video/matroska", ["-c:v", "libvpx"]],
  ["ogv", "video/ogg", ["-c:v", "libtheora"]],
  ["ts", "video/mp2t", ["-c:v", "mpeg2video"]],
  ["mpg", "video/mpeg", ["-c:v", "mpeg2video"]],
])("tells .%s by its bytes", async (extension, type, codec) => {
  const clip = await makeClip(extension, ...testPicture(1, "64x64"), "-r", "25", ...codec);
  expect(await mediaType(clip.subarray(0, headBytes))).toBe(type);
});

test("never fails otherwise than by refusing, whatever the bytes", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom("", "1a45dfa3", "52494646", "0000001866747970", "4f676753", "494433", "464c56", "3026b2758e66cf11", "47"),
      fc.uint8Array({ maxLength: 2000 }),
      async (magic, rest) => {
        const type = await mediaType(Buffer.concat([Buffer.from(magic, "hex"), rest])).catch((error: unknown) => error);
        if (typeof type === "string") expect(type).toMatch(/^(video|audio)\//);
        else expect(type).toMatchObject({ code: "invalid-request" });
      },
    ),
    { numRuns: 300 },
  );
});

test("lets media through unchanged, in pieces of any size, and nothing else at all", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 40_000 }), { minLength: 1, maxLength: 8 }), async (sizes) => {
      const bytes = wavOf(44 + sizes.reduce((a, b) => a + b, 0));
      const pieces = async function* (of: Uint8Array) {
        let at = 0;
        for (const size of [...sizes, of.byteLength]) yield of.subarray(at, (at += size));
      };
      const good = sniffed(pieces(bytes));
      expect(Buffer.compare(Buffer.concat(await Array.fromAsync(good.body)), bytes)).toBe(0);
      expect(good.type()).toBe("audio/wav");
      const seen: Uint8Array[] = [];
      const read = async () => {
        for await (const piece of sniffed(pieces(bytes.subarray(4))).body) seen.push(piece);
      };
      await expect(read()).rejects.toMatchObject({ code: "invalid-request" });
      expect(seen).toEqual([]);
    }),
    { numRuns: 30 },
  );
});
