import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";

import { liveBlob } from "#db/blobs.ts";
import { type Challenge, findChallenge, insertChallenge, takeChallenge } from "#db/challenges.ts";
import { linkFile } from "#db/files.ts";
import { heldBlob } from "#db/held_blob.ts";
import { linkStored } from "#db/link_stored.ts";
import { quotaCheck } from "#db/room.ts";
import type { BlobPlace, StoredFile } from "#db/stored_file.ts";
import { AppError } from "#lib/errors/mod.ts";
import { newId } from "#lib/id/mod.ts";

import type { Context } from "../context.ts";
import { announceFile } from "../file/announce.ts";
import { mustReach, openContent } from "../file/content.ts";
import { isHeldWhole } from "../file/is_held_whole.ts";
import { checkName } from "../file/name.ts";
import type { Principal } from "../router.ts";
import { challengeRanges, packRanges, unpackRanges } from "./challenge_ranges.ts";

/** Every refusal takes this long at least, so that its time does not tell whether stored bytes were read. */
const refusalMs = 100;

export type InstantOutcome = { file: StoredFile } | { challenge: Challenge };

/**
 * Instant upload, first half: a file at once for one who holds that content already; else a challenge, whether or
 * not the drive has the content, so that asking tells nothing.
 */
export async function askInstant(
  ctx: Context,
  principal: Principal,
  input: { sha1: string; size: number; name: string },
  requestId: string,
): Promise<InstantOutcome> {
  const name = checkName(input.name);
  const own = await heldBlob(ctx.catalog.db, principal.userId, input.sha1);
  if (own?.size === input.size && (await isHeldWhole(ctx, own, input.sha1))) {
    const file = await link(ctx, principal, { ...input, name }, requestId, own);
    if (file) return { file };
  }
  const challenge = {
    id: newId(ctx.now()),
    userId: principal.userId,
    sha1: input.sha1,
    size: input.size,
    nonce: randomBytes(32).toString("hex"),
    ranges: packRanges(challengeRanges(input.size)),
    expiresAt: ctx.now() + ctx.config.CHALLENGE_TTL,
  };
  await insertChallenge(ctx.catalog, challenge);
  return { challenge };
}

/**
 * Instant upload, second half. A challenge is good for one answer of its own user within its time.
 *
 * @param isForwarded whether another gateway asks for the client.
 * @throws {AppError} `not-instant` in the same words whatever the reason.
 * @throws {ElsewhereError} when its bytes lie on another node.
 */
export async function proveInstant(
  ctx: Context,
  principal: Principal,
  input: { challengeId: string; proof: string; name: string },
  { requestId, signal, isForwarded }: { requestId: string; signal: AbortSignal; isForwarded: boolean },
): Promise<StoredFile> {
  const name = checkName(input.name);
  // The gateway that the client asked waits for both.
  const refuseAt = performance.now() + (isForwarded ? 0 : refusalMs);
  await mustReadBytes(ctx, principal, input.challengeId, refuseAt);
  const challenge = await takeChallenge(ctx.catalog, principal.userId, input.challengeId);
  const isGood =
    challenge !== undefined &&
    challenge.expiresAt > ctx.now() &&
    (await isProven(ctx, challenge, input.proof, signal).catch((error: unknown) => isUnread(ctx, error)));
  const file = isGood ? await link(ctx, principal, { ...challenge, name }, requestId) : undefined;
  if (file) return file;
  await Bun.sleep(Math.max(0, refuseAt - performance.now()));
  throw notInstant();
}

/**
 * The bytes of a challenge may lie in another node's spool. The request goes there with its challenge still to be taken;
 * should that node be away, the refusal is the same as any.
 */
async function mustReadBytes(ctx: Context, { userId }: Principal, challengeId: string, refuseAt: number): Promise<void> {
  const challenge = await findChallenge(ctx.catalog.db, userId, challengeId);
  const blob = challenge && (await liveBlob(ctx.catalog.db, challenge.sha1));
  if (blob?.size !== challenge?.size || !blob) return;
  const ifAway = async () => {
    await takeChallenge(ctx.catalog, userId, challengeId);
    throw notInstant();
  };
  mustReach(ctx, blob, { ifAway, notBefore: refuseAt });
}

function notInstant(): AppError {
  return new AppError("not-instant", "the drive cannot take this file without its bytes: upload it the normal way");
}

/** @param held the blob, where it was just read. */
async function link(
  ctx: Context,
  { userId }: Principal,
  { name, sha1, size }: { sha1: string; size: number; name: string },
  requestId: string,
  held?: StoredFile["blob"],
) {
  const now = ctx.now();
  const wanted = { id: newId(now), userId, name, sha1, size, now };
  const check = quotaCheck(ctx, userId);
  const linked = held?.state === "stored" && !check ? await linkStored(ctx.catalog, held, wanted) : undefined;
  const file = linked ?? (await linkFile(ctx.catalog, wanted, check));
  if (file) await announceFile(ctx, file, requestId);
  return file;
}

async function isProven(
  ctx: Context,
  { sha1, size, nonce, ranges }: Challenge,
  proof: string,
  signal: AbortSignal,
): Promise<boolean> {
  const blob = await liveBlob(ctx.catalog.db, sha1);
  const known = blob?.size === size ? blob : undefined;
  const mac = createHmac("sha256", Buffer.from(nonce, "hex"));
  for (const range of unpackRanges(ranges))
    mac.update(known ? await readRange(ctx, known, range, signal) : new Uint8Array(range.length));
  const [expected, given] = [Buffer.from(mac.digest("hex")), Buffer.from(proof.toLowerCase())];
  return expected.length === given.length && timingSafeEqual(expected, given) && known !== undefined;
}

/** Bytes that were purged just now, or that lie where they cannot be read: to say so would tell that they are there. */
function isUnread({ log }: Pick<Context, "log">, error: unknown): false {
  log.warn({ err: error }, "the bytes of a challenge were not read");
  return false;
}

/** At most 4 KiB of the stored bytes. */
async function readRange(
  ctx: Context,
  blob: BlobPlace,
  range: { offset: number; length: number },
  signal: AbortSignal,
): Promise<Uint8Array> {
  return await new Response(await openContent(ctx, blob, range, signal)).bytes();
}
