import { z } from "zod";

import { AppError, systemCode } from "../../errors/mod.ts";
import type { OssSettings } from "./oss_url.ts";

/** Who asks. A token makes it a temporary account of STS. */
export interface Credentials {
  accessKeyId: string;
  accessKeySecret: string;
  securityToken?: string | undefined;
}

/** As `AssumeRole` of STS and a machine's RAM role give them. */
const fileSchema = z.object({
  AccessKeyId: z.string().min(1),
  AccessKeySecret: z.string().min(1),
  SecurityToken: z.string().min(1).optional(),
});

/** Whoever renews a token does so minutes before it ends. */
const rereadMs = 5000;

/**
 * Gives the credentials of a store: those of its URL, or those that stand in its file now (at most 5 s ago).
 *
 * @throws {AppError} `unavailable` when the file cannot be read or is not such JSON; never with anything of what is in it.
 */
export function credentialsOf(settings: OssSettings): () => Promise<Credentials> {
  const { accessKeyId, accessKeySecret, securityToken, credentialsFile } = settings;
  if (credentialsFile === undefined) return async () => ({ accessKeyId, accessKeySecret, securityToken });
  let read: { at: number; credentials: Promise<Credentials> } | undefined;
  return async () => {
    const now = performance.now();
    if (read === undefined || now - read.at > rereadMs) read = { at: now, credentials: readFile(credentialsFile) };
    const { credentials } = read;
    try {
      return await credentials;
    } catch (error) {
      // What failed is read again by the next who asks.
      if (read.credentials === credentials) read = undefined;
      throw error;
    }
  };
}

async function readFile(path: string): Promise<Credentials> {
  const problem = (text: string) => new AppError("unavailable", `credentialsFile ${path} ${text}`, { retryAfterSeconds: 5 });
  const text = await Bun.file(path)
    .text()
    .catch((error: unknown) => {
      throw problem(`cannot be read: ${systemCode(error) ?? "not a file"}`);
    });
  const read = fileSchema.safeParse(parsed(text));
  if (!read.success) throw problem("must be JSON with AccessKeyId, AccessKeySecret and, of STS, SecurityToken");
  const { AccessKeyId: accessKeyId, AccessKeySecret: accessKeySecret, SecurityToken: securityToken } = read.data;
  return { accessKeyId, accessKeySecret, securityToken };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The cause would quote what is in the file.
    return undefined;
  }
}
