import { AppError } from "../../errors/mod.ts";
import { openSource } from "../open_source.ts";
import type { PutSource } from "../port.ts";
import { ask } from "../remote/ask.ts";
import { patiently } from "../remote/question.ts";
import type { Connection } from "./connection.ts";
import { look, type Seen } from "./get.ts";
import { putParts } from "./put_parts.ts";
import { putWhole } from "./put_whole.ts";

/** A put under way. */
export interface Put {
  oss: Connection;
  /** As the bucket knows it. */
  key: string;
  source: PutSource;
  signal: AbortSignal;
}

/**
 * Puts a file: in one request up to `partBytes`, as a multipart upload above, which an earlier put of that key may have begun. What was
 * read is compared with the SHA-256, and what OSS says that it holds (size, CRC-64) with what was read; nothing shows under the key
 * until all is there. An object of that size and SHA-256 that is there already is left as it is.
 *
 * @throws {AppError} `checksum-mismatch` when the file or the object holds other bytes.
 */
export async function put(work: Put): Promise<void> {
  const { oss, source } = work;
  // Fails early where the file is gone or of another size; the requests open it again, by its path.
  await (await openSource(source)).close();
  if (await isThere(work)) return;
  const crc64 = source.size <= oss.settings.partBytes ? await putWhole(work) : await putParts(work, async () => isThere(work));
  const after = await seenNow(work);
  const isRight = after !== null && isOf(after, source) && (crc64 === undefined || after.crc64 === String(crc64));
  if (!isRight) throw await removeWrong(work, after, crc64);
}

const isOf = (seen: Seen, source: PutSource) => seen.size === source.size && seen.sha256 === source.sha256;

async function isThere(work: Put): Promise<boolean> {
  const seen = await seenNow(work);
  return seen !== null && isOf(seen, work.source);
}

async function seenNow({ oss, key, signal }: Put): Promise<Seen | null> {
  return await ask(patiently(oss, `putting ${key}`, signal), async (signal) => look(oss, key, signal));
}

/** @returns the error to be thrown. */
async function removeWrong({ oss, key, source, signal }: Put, seen: Seen | null, crc64: bigint | undefined): Promise<AppError> {
  await ask(patiently(oss, `deleting ${key}, which is wrong`, signal), async (signal) =>
    oss.ask({ signal }, async (client) => client.delete(key)),
  );
  const held = seen === null ? "nothing" : `${seen.size} bytes with CRC-64 ${seen.crc64 ?? "unknown"}`;
  const must = `${source.size} bytes${crc64 === undefined ? "" : ` with CRC-64 ${crc64}`}`;
  return new AppError("checksum-mismatch", `putting ${key}: the store holds ${held}, must hold ${must}`);
}
