import { type Client, chunkOf, hashOf, type InitJson, until } from "./client.ts";

/** An upload as a careful client does it: it remembers what was acknowledged, and goes on from there. */
export interface ResumingUpload {
  name: string;
  bytes: Uint8Array<ArrayBuffer>;
  /** Indexes of chunks that were acknowledged. */
  acknowledged: Set<number>;
  /**
   * Sends what is missing, until `upTo` chunks are acknowledged; without it all, and then says that all is sent.
   *
   * @returns its id.
   * @throws when the drive cannot be reached (any more), and {@link BrokenWord}.
   */
  send(upTo?: number): Promise<string>;
  /** Sends what is missing, and waits until the upload is done. Throws likewise. */
  go(): Promise<void>;
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
    if (askedAgain.length > 0) throw new BrokenWord(`acknowledged chunks are asked for again: ${askedAgain.join(", ")}`);
    const rest = missing.values();
    const sender = async () => {
      while (acknowledged.size < upTo) {
        const { done, value } = rest.next();
        if (done) return;
        await send(uploadId, value);
      }
    };
    // One after the other where it is to stop somewhere, or it would go too far.
    const senders = await Promise.allSettled(Array.from({ length: upTo === Infinity ? parallel : 1 }, sender));
    for (const sender of senders) if (sender.status === "rejected") throw sender.reason;
  };
  const upload = {
    name,
    bytes,
    acknowledged,
    async send(upTo = Infinity) {
      begun ??= await client.init({ name, size: bytes.byteLength, sha1, chunkSize });
      const { uploadId } = begun;
      await sendMissing(uploadId, upTo);
      if (upTo === Infinity) await client.json(202, "/file/mpupload/complete", { method: "POST", json: { uploadId } });
      return uploadId;
    },
    async go() {
      const { state, error } = await client.settled(await upload.send(), "done", "failed", "open");
      if (state !== "done") throw new BrokenWord(`the upload is ${state}: ${error}`);
    },
  };
  return upload;
}

/** The drive asks again for what it has acknowledged, or does not finish what is whole: trying again is no use. */
export class BrokenWord extends Error {
  override readonly name = "BrokenWord";
}

/** Calls `run` again and again, as one does whose connection breaks, until it ends well or the drive broke its word. */
export async function persist(run: () => Promise<void>): Promise<void> {
  await until(
    async () => {
      try {
        await run();
        return "done";
      } catch (error) {
        if (error instanceof BrokenWord) throw error;
        return error instanceof Error ? error.message : String(error);
      }
    },
    (outcome) => outcome === "done",
    120_000,
  );
}
