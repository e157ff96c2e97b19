import { z } from "@hono/zod-openapi";

/** Longest password of a share, in characters (code points). */
const maxLength = 256;

/** A new share's password: any text, in any script. Who tries others is slowed down, so it may be short. */
export const sharePassword = z
  .string()
  .refine((text) => text.isWellFormed() && /^.{1,256}$/su.test(text.normalize("NFC")), `must have 1 to ${maxLength} characters`)
  .openapi({ minLength: 1, maxLength, format: "password" });

/**
 * The password that a header `X-Share-Password` holds: percent-encoded UTF-8, as `encodeURIComponent` makes it, since a browser
 * lets nothing but Latin-1 through. What was sent as bare UTF-8 is read as well, and so is a `%` that encodes nothing.
 */
export function passwordOf(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  const text = fromBytes(header);
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The server gives bytes as the characters of Latin-1; such as are no UTF-8 are left as that. */
function fromBytes(header: string): string {
  const bytes = Buffer.from(header, "latin1");
  if (bytes.toString("latin1") !== header) return header;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return header;
  }
}
