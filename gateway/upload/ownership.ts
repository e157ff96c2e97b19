import { rememberedUpload, type Upload } from "#db/uploads.ts";
import { AppError } from "#lib/errors/mod.ts";

import { after } from "../after.ts";
import type { Context } from "../context.ts";
import type { Principal } from "../router.ts";

/**
 * An upload of the caller, in whatever state: the one place where ownership of uploads is checked.
 *
 * @param mayLag whether it may be shown as it stood a moment ago, where the caller has changed nothing lately (see
 *   `Catalog.mayLag`): enough for a chunk and for a look, which change no row.
 */
export function ownUpload(ctx: Context, { userId }: Principal, id: string, mayLag = false): Upload | Promise<Upload> {
  const known = mayLag ? ctx.justOpened.get(id) : undefined;
  return after(known ?? rememberedUpload(ctx.catalog, id, mayLag ? userId : undefined), (upload) => {
    if (upload?.userId === userId) return upload;
    throw new AppError("no-such-upload", `you have no upload ${JSON.stringify(id)}; ended ones are forgotten after a while`);
  });
}
