import { fillVideo, type LiveVideo, videoById } from "#db/videos.ts";
import { AppError } from "#lib/errors/mod.ts";

import type { Context } from "../context.ts";
import { uploadForm } from "../file/form_upload.ts";
import type { Principal } from "../router.ts";
import { announceVideo } from "./announce.ts";
import { type Sniffed, sniffed } from "./media_type.ts";
import type { VideoView } from "./schema.ts";
import { anyVideo } from "./service.ts";
import { videoView } from "./view.ts";

/**
 * Takes the file of a video that waits for one, streamed as any form is. It becomes a file of its owner, and the video
 * shows it, in one transaction; whatever fails before leaves nothing.
 *
 * @throws {AppError} `not-found`, `forbidden` for another's video, `invalid-request` for one that has its file, for a form
 *   that is not of one file, and for what is no media (told as soon as its first bytes are in), `too-large`, `no-space`.
 */
export async function uploadVideo(
  ctx: Context,
  principal: Principal,
  id: string,
  request: Request,
  requestId: string,
): Promise<VideoView> {
  mustWait(await anyVideo(ctx, id), principal);
  let seen: Sniffed | undefined;
  const [stored] = await uploadForm(ctx, principal, request, requestId, {
    maxFiles: 1,
    maxBytes: ctx.config.VIDEO_MAX_BYTES,
    through: (body) => (seen = sniffed(body)).body,
    claim: async (tx, files) => {
      const fill = { id, userId: principal.userId, fileId: files[0]?.file.id ?? null, mime: seen?.type() ?? null };
      if (!(await fillVideo(tx, fill))) throw await whyNot(videoById(tx, id));
    },
  });
  await ctx.changed(principal.userId);
  if (stored) await announceVideo(ctx, id, stored.blob, requestId);
  return videoView(await anyVideo(ctx, id), principal.username);
}

function mustWait({ id, userId, state }: LiveVideo, principal: Principal): void {
  if (userId !== principal.userId) throw new AppError("forbidden", `the video ${id} is somebody else's`);
  if (state !== "waiting") throw full(id);
}

/** Another request filled it meanwhile, or it was deleted. */
async function whyNot(now: Promise<LiveVideo | undefined>): Promise<AppError> {
  const video = await now;
  return video ? full(video.id) : new AppError("not-found", "the video was deleted while its file came in");
}

function full(id: string): AppError {
  return new AppError("invalid-request", `the video ${id} has its file already: make another one`);
}
