import { type Client, chunkOf, hashOf, type InitJson, until } from "./client.ts";

/** An upload as a careful client does it: it remembers what was acknowledged, and goes on from there. */
export interface ResumingUpload {
  name: string;
  bytes: Uint8Array<ArrayBuffer>;
  /** Indexes of chunks that were acknowledged. */
  acknowledged: Set<number>;
  /**
   * Goes on until the upload is done, or until `upTo` chunks are acknowledged.
   *
   * @throws when the drive cannot be reached (any more), and when it asks for a chunk that it has acknowledged.
   */
  go(upTo?: number): Promise<void>;
}

/** Chunks sent at once. */
const parallel = 3;

export function resumingUpload(
  client: Client,
  { name, bytes, chunkSize }: { name: string; bytes: Uint8Array<ArrayBuffer>; chunkSize: number },
): ResumingUpload {
  const acknowledged = new Set<number>();
  const sha1 = hashOf("sha1", bytes);
  let begun: InitJson | undefined;

  const send = async (uploadId: string, index: number) => {
    const response = await client.chunk(uploadId, index, chunkOf(bytes, chunkSize, index));
    if (response.status !== 200) throw new Error(`chunk ${index} answered ${response.status}: ${await response.text()}`);
    acknowledged.add(index);
  };
  const sendMissing = async (uploadId: string, upTo: number) => {
    const { missing, state } = await client.status(uploadId);
    if (state !== "open") return;
    const askedAgain = missing.filter((index) => acknowledged.has(index));
    if (askedAgain.length > 0) throw new Asked(`acknowledged chunks are asked for again: ${askedAgain.join(", ")}`);
    const rest = missing.values();
    const sender = async () => {
      while (acknowledged.size < upTo) {
        const { done, value } = rest.next();
        if (done) return;
        await send(uploadId, value);
      }
    };
    const senders = await Promise.allSettled(Array.from({ length: upTo < bytes.byteLength ? 1 : parallel }, sender));
    for (const sender of senders) if (sender.status === "rejected") throw sender.reason;
  };
  return {
    name,
    bytes,
    acknowledged,
    async go(upTo = bytes.byteLength) {
      begun ??= await client.init({ name, size: bytes.byteLength, sha1, chunkSize });
      const { uploadId } = begun;
      await sendMissing(uploadId, upTo);
      if (upTo < bytes.byteLength) return;
      await client.json(202, "/file/mpupload/complete", { method: "POST", json: { uploadId } });
      const { state, error } = await client.settled(uploadId, "done", "failed", "open");
      if (state !== "done") throw new Asked(`the upload is ${state}: ${error}`);
    },
  };
}

/** The drive broke its word: not to be tried again. */
export class Asked extends Error {
  override readonly name = "Asked";
}

/** Calls `run` again and again, as one does whose connection breaks, until it ends well or the drive broke its word. */
export async function persist(run: () => Promise<void>): Promise<void> {
  await until(
    async () => {
      try {
        await run();
        return "done";
      } catch (error) {
        if (error instanceof Asked) throw error;
        return error instanceof Error ? error.message : String(error);
      }
    },
    (outcome) => outcome === "done",
    45_000,
  );
}
