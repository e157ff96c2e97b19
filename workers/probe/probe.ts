import { fileById } from "#db/files.ts";
import { finishProbe, type Probed, videoById, videosToProbe } from "#db/videos.ts";
import { AppError } from "#lib/errors/mod.ts";
import { newId } from "#lib/id/mod.ts";

import type { WorkerContext } from "../context.ts";
import { posterKey } from "../poster_key.ts";
import type { Job, RowWorker, Verdict } from "../worker.ts";
import { localFile } from "./local_file.ts";
import { factsOf, findMediaTools, posterOf } from "./media.ts";

/**
 * Finds out how long a video is and how large, and makes a poster of it, where `ffprobe` and `ffmpeg` are on the machine.
 * Without them the rows wait, which harms nothing: a video can be watched before it is probed. A file that the tools
 * cannot read, or die of, is probed with that.
 */
export const probe: RowWorker = {
  name: "probe",
  table: "videos",
  state: "unprobed",
  due: async (ctx, limit) => (findMediaTools() === null ? [] : await videosToProbe(ctx.catalog, ctx.node, ctx.now(), limit)),
  run: async (ctx, job) => {
    const tools = findMediaTools();
    if (tools === null) return { kind: "done", note: "there is no ffprobe here" };
    const video = await videoById(ctx.catalog.db, job.lease.id);
    const stored = video?.fileId ? await fileById(ctx.catalog, video.fileId) : null;
    if (!stored) return { kind: "done", note: "the video is gone" };
    await using file = await localFile(ctx, stored.blob, job.signal);
    const { note, ...facts } = await factsOf(tools, file.path, job.signal);
    const jpeg = await posterOf(tools, file.path, facts, job.signal);
    // What the tools could not open may only have gone under their hands: a push takes files out of the spool.
    if (!(await Bun.file(file.path).exists())) throw new AppError("unavailable", "the bytes were moved while they were probed");
    try {
      const key = await putPoster(ctx, job, jpeg);
      ctx.fault("probe.after-put");
      return await finish(ctx, job, { ...facts, posterKey: key }, note);
    } finally {
      if (jpeg !== null) await dropUnneeded(ctx, job);
    }
  },
};

/** Through the spool, whose sweep finds what a process leaves that died. */
async function putPoster(ctx: WorkerContext, { lease, signal }: Job, jpeg: Uint8Array | null): Promise<string | null> {
  if (jpeg === null) return null;
  const id = newId(ctx.now());
  const key = posterKey(lease.id);
  const sha256 = Bun.CryptoHasher.hash("sha256", jpeg, "hex");
  try {
    await ctx.spool.writeAll(id, once(jpeg), signal);
    ctx.fault("probe.before-put");
    await ctx.stores.first.store.put(key, { path: ctx.spool.path(id), size: jpeg.byteLength, sha256 }, signal);
  } finally {
    await ctx.spool.remove(id);
  }
  return key;
}

async function* once(bytes: Uint8Array) {
  yield bytes;
}

async function finish(ctx: WorkerContext, { lease }: Job, found: Probed, note: string): Promise<Verdict> {
  if (!(await finishProbe(ctx.catalog, lease, found))) return { kind: "done", note: "deleted or taken over meanwhile" };
  ctx.fault("probe.after-commit");
  return { kind: "done", note };
}

/**
 * A video may be deleted meanwhile, and purged perhaps before its poster was put: nobody else would look for that. Also where
 * the put has failed, for it may be there all the same.
 */
async function dropUnneeded(ctx: WorkerContext, { lease }: Job): Promise<void> {
  if (await videoById(ctx.catalog.db, lease.id)) return;
  await ctx.stores.first.store.delete(posterKey(lease.id), ctx.lifecycle.aborted);
}
