import { z } from "@hono/zod-openapi";

import { normaliseUsername } from "./username.ts";

const time = z.iso.datetime().openapi({ description: "RFC 3339, UTC" });

const username = z
  .string()
  .transform((text, ctx) => {
    const name = normaliseUsername(text);
    if (name !== undefined) return name;
    ctx.addIssue({ code: "custom", message: "must be 3 to 64 of letters, digits and ._- in any script" });
    return z.NEVER;
  })
  .openapi({
    type: "string",
    description: "3 to 64 of letters, digits and ._- in any script; kept in NFKC and lower case",
    example: "alice",
  });

// Counted in code points of the form that is hashed; JSON may carry halves of surrogate pairs, which have no UTF-8.
const newPassword = z
  .string()
  .refine((text) => text.isWellFormed() && /^.{8,256}$/su.test(text.normalize("NFC")), "must have 8 to 256 characters")
  .openapi({ minLength: 8, maxLength: 256, format: "password" });

const email = z
  .string()
  .max(254)
  .refine((text) => /^[^\s\p{C}@]+@[^\s\p{C}@]+$/u.test(text), "must have a name, an @ and a host")
  .openapi({ format: "email" });

/** The path of one user. Whatever stands there is normalised by the service; what cannot be a name is nobody's. */
export const userParams = z.object({
  username: z.string().openapi({ param: { name: "username", in: "path" }, example: "alice" }),
});

/** The body of `POST /user`. */
export const registerBody = z.strictObject({ username, password: newPassword, email: email.optional() }).openapi("Registration");

/** The body of `POST /user/{username}`. A password of any length may be tried. */
export const signInBody = z.strictObject({ password: z.string().openapi({ format: "password" }) }).openapi("SignIn");

/** The body of `POST /token/refresh`. */
export const refreshBody = z.strictObject({ refreshToken: z.string() }).openapi("Refresh");

/** The answer to a sign-in. */
export const signedInSchema = z
  .object({
    user: z.object({ id: z.string(), username: z.string(), email: z.string().nullable(), createdAt: time }).openapi("User"),
    token: z.string().openapi({ description: "The access token" }),
    refreshToken: z.string().openapi({ description: "Good once, at `POST /token/refresh`" }),
    expiresIn: z.number().openapi({ description: "Seconds until the access token expires" }),
  })
  .openapi("SignedIn");

/** The answer to `GET /user/{username}`. */
export const profileSchema = z
  .object({
    username: z.string(),
    email: z.string().nullable(),
    createdAt: time,
    lastActiveAt: time,
    files: z.int().openapi({ description: "Files that are not deleted" }),
    bytes: z.int().openapi({ description: "Bytes in them" }),
  })
  .openapi("Profile");

/** What {@link signedInSchema} describes. */
export type SignedIn = z.output<typeof signedInSchema>;
/** What {@link profileSchema} describes. */
export type Profile = z.output<typeof profileSchema>;
/** What {@link registerBody} gives. */
export type Registration = z.output<typeof registerBody>;
