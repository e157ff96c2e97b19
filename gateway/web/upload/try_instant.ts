import { ProblemError } from "../api/problem_error.ts";
import { withRetry, type RetryOptions } from "../api/retry.ts";
import type { UploadParts } from "./upload_parts.ts";

/** A file, and the name of its content. */
export interface NamedContent {
  file: File;
  sha1: string;
}

/**
 * Tries to make the file from content that the drive already holds, showing that one holds it, too. Its requests are
 * not cut short when the upload is paused: the answer tells whether the file is there.
 *
 * @returns Whether the file is there; else it must be uploaded.
 */
export async function tryInstant(
  { client, hasher }: Pick<UploadParts, "client" | "hasher">,
  { file, sha1 }: NamedContent,
  retry: RetryOptions,
): Promise<boolean> {
  const { name, size } = file;
  const answer = await withRetry(() => client.claim({ sha1, size, name }), retry);
  if (!("challenge" in answer)) return true;
  const { challenge } = answer;
  const proof = await hasher.run({ kind: "proof", file, challenge }, retry.signal);
  try {
    await withRetry(() => client.prove({ challengeId: challenge.id, proof, name }), retry);
    return true;
  } catch (error) {
    if (error instanceof ProblemError && error.status === 404) return false;
    throw error;
  }
}
