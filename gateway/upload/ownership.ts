import { rememberedUpload, type Upload } from "#db/uploads.ts";
import { AppError } from "#lib/errors/mod.ts";

import { after } from "../after.ts";
import type { Context } from "../context.ts";
import type { Principal } from "../router.ts";

/** An upload of the caller, in whatever state: the one place where ownership of uploads is checked. */
export function ownUpload(ctx: Context, { userId }: Principal, id: string): Upload | Promise<Upload> {
  return after(rememberedUpload(ctx.catalog, id), (upload) => {
    if (upload?.userId === userId) return upload;
    throw new AppError("no-such-upload", `you have no upload ${JSON.stringify(id)}; ended ones are forgotten after a while`);
  });
}
