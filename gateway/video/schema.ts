import { z } from "@hono/zod-openapi";

import { isId } from "#lib/id/mod.ts";

import { titleSchema } from "./title.ts";

const time = z.iso.datetime();

export const videoSchema = z
  .object({
    id: z.string(),
    title: z.string(),
    username: z.string().openapi({ description: "whose it is" }),
    state: z.enum(["waiting", "ready"]).openapi({ description: "`waiting` for its bytes, or `ready` to be watched" }),
    fileId: z.string().optional().openapi({ description: "the file that it shows, once it has one" }),
    createdAt: time,
    duration: z.number().optional().openapi({ description: "seconds, where the drive could tell" }),
    width: z.int().optional().openapi({ description: "of the picture, pixels" }),
    height: z.int().optional(),
    poster: z.string().optional().openapi({ description: "path of a still picture" }),
  })
  .openapi("Video");
export type VideoView = z.infer<typeof videoSchema>;

export const videoListSchema = z.object({ videos: z.array(videoSchema), next: z.string().nullable() }).openapi("VideoList");

export const publishBody = z
  .strictObject({
    title: titleSchema,
    fileId: z.string().min(1).optional().openapi({ description: "a file of one's own; without it, send one to `/upload/{id}`" }),
  })
  .openapi("Publication");

const pathParam = (name: string, example: string) => z.string().openapi({ param: { name, in: "path" }, example });
const username = pathParam("username", "alice");
const id = pathParam("id", "01JQ5W4V9M3N8K2X7R6T1Z0YAB");

export const ownerParams = z.object({ username });
export const ownVideoParams = z.object({ username, id });
export const videoParams = z.object({ id });
export const commentParams = z.object({ id, commentId: pathParam("commentId", "01JQ5W4V9M3N8K2X7R6T1Z0YAC") });

export const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().refine(isId, "is not the `next` of a page").optional().openapi({ description: "`next` of the page before" }),
});
export type PageQuery = z.infer<typeof pageQuery>;

export const commentSchema = z
  .object({ id: z.string(), videoId: z.string(), author: z.string(), content: z.string(), createdAt: time })
  .openapi("Comment");
export type CommentView = z.infer<typeof commentSchema>;

export const commentListSchema = z
  .object({ comments: z.array(commentSchema), next: z.string().nullable() })
  .openapi("CommentList");

/** Longest comment, in characters (code points), as the column has it. */
const maxCommentLength = 2000;

// Of the controls, those that make lines and columns stay.
const refusedInComments = /[\p{Cc}--[\n\r\t]]/v;

const content = z
  .string()
  .refine((text) => text.trim() !== "", "is empty")
  .refine((text) => Array.from(text).length <= maxCommentLength, `may have ${maxCommentLength} characters`)
  .refine((text) => text.isWellFormed(), "is not well-formed Unicode")
  .refine((text) => !refusedInComments.test(text), "holds control characters")
  .openapi({ description: `1 to ${maxCommentLength} characters in any script`, example: "Nice!" });

export const commentBody = z.strictObject({ content }).openapi("NewComment");

/** For the document only: the form is read as a stream, not by this schema. */
export const videoFormSchema = z.object({ file: z.string().openapi({ format: "binary" }) });
