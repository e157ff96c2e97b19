import { z } from "zod";

import { runTool } from "./run_tool.ts";

const limits = { seconds: 30, memoryBytes: 1 << 30, outputBytes: 1 << 20 };

/**
 * What is read and how: files only, and only as formats that hold their bytes themselves. A playlist (HLS, concat) would
 * have the tool open what it names.
 */
const input = [
  "-protocol_whitelist",
  "file",
  "-format_whitelist",
  "mov,matroska,webm,ogg,avi,asf,flv,mpeg,mpegts,mp3,flac,wav,aac,aiff,caf,amr,ape",
];

/** The tools, where they are on this machine. */
export interface MediaTools {
  ffprobe: string;
  /** Without it there are no posters. */
  ffmpeg: string | null;
}

/** What a file is, as far as could be told. */
export interface Facts {
  durationMs: number | null;
  width: number | null;
  height: number | null;
}

export function findMediaTools(): MediaTools | null {
  const ffprobe = Bun.which("ffprobe");
  return ffprobe === null ? null : { ffprobe, ffmpeg: Bun.which("ffmpeg") };
}

// ffprobe writes numbers as text where they may have a fraction.
const probeSchema = z.object({
  format: z.object({ duration: z.coerce.number().positive().finite().optional().catch(undefined) }).optional(),
  streams: z
    .array(
      z.object({
        codec_type: z.string().optional(),
        width: z.int().positive().max(65_536).optional().catch(undefined),
        height: z.int().positive().max(65_536).optional().catch(undefined),
        disposition: z.object({ attached_pic: z.int().optional() }).optional(),
      }),
    )
    .default([]),
});

const unknown: Facts = { durationMs: null, width: null, height: null };
/** Longer than that is a lie: a hundred years. */
const longestSeconds = 100 * 366 * 86_400;

/** Duration and size of picture of a local file; nulls where the tool cannot tell, whatever it dies of. */
export async function factsOf({ ffprobe }: MediaTools, path: string, signal: AbortSignal): Promise<Facts & { note: string }> {
  const entries = "format=duration:stream=codec_type,width,height:stream_disposition=attached_pic";
  const show = ["-v", "error", "-print_format", "json", "-show_entries", entries];
  const { ok, output, note } = await runTool([ffprobe, ...input, ...show, `file:${path}`], limits, signal);
  const found = ok ? probeSchema.safeParse(parseJson(output)) : undefined;
  if (!found?.success) return { ...unknown, note: `ffprobe could not tell: ${note}` };
  const { format, streams } = found.data;
  const seconds = format?.duration;
  // The cover of a song is a picture stream, too.
  const picture = streams.find((s) => s.codec_type === "video" && s.disposition?.attached_pic !== 1);
  return {
    durationMs: seconds !== undefined && seconds < longestSeconds ? Math.round(seconds * 1000) : null,
    width: picture?.width ?? null,
    height: picture?.height ?? null,
    note,
  };
}

/** A JPEG of a moment near the beginning, at most 640 pixels wide; `null` where the tool cannot make one. */
export async function posterOf(
  { ffmpeg }: MediaTools,
  path: string,
  { width, durationMs }: Facts,
  signal: AbortSignal,
): Promise<Uint8Array | null> {
  if (ffmpeg === null || width === null) return null;
  // Past the black that many begin with.
  const at = Math.min(10, (durationMs ?? 0) / 10_000);
  const still = ["-map", "0:v:0", "-frames:v", "1", "-vf", "scale=w='min(640,iw)':h=-2", "-c:v", "mjpeg", "-q:v", "4"];
  const quiet = ["-nostdin", "-v", "error", "-threads", "1", ...input];
  const command = [ffmpeg, ...quiet, "-ss", at.toFixed(3), "-i", `file:${path}`, ...still, "-f", "image2pipe", "pipe:1"];
  const { ok, output } = await runTool(command, limits, signal);
  return ok && isJpeg(output) ? output : null;
}

function isJpeg(bytes: Uint8Array): boolean {
  return bytes[0] === 0xff && bytes[1] === 0xd8 && bytes.at(-2) === 0xff && bytes.at(-1) === 0xd9;
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    // Cut short: the schema refuses it.
    return undefined;
  }
}
