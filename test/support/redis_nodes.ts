import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { newId } from "#lib/id/mod.ts";
import { openProgress, type Progress } from "#lib/progress/mod.ts";
import { folderSpool, type Spool } from "#lib/spool/mod.ts";

const { signal } = new AbortController();

async function* oneByte() {
  yield Uint8Array.of(7);
}

/** An upload on its owner, and another node, which does not have its log; both tell each other through one Redis. */
export interface RedisNodes extends AsyncDisposable {
  id: string;
  /** The owner's. */
  spool: Spool;
  owner(): Progress;
  other: Progress;
  /** What either engine reported. */
  errors: unknown[];
  /** As the gateway does it: a look, the log line, the note. */
  receive(index: number): Promise<void>;
  /** Ends the owner's engine and opens another. */
  restartOwner(): Promise<void>;
}

export async function redisNodes(url: string, chunkCount: number): Promise<RedisNodes> {
  const root = await mkdtemp(join(tmpdir(), "sluice-nodes-"));
  const spool = await folderSpool(join(root, "owner"));
  const errors: unknown[] = [];
  const open = (log: Spool) => openProgress({ url, log, ttlMs: 60_000, onError: (error) => void errors.push(error) });
  const other = await open(await folderSpool(join(root, "other")));
  let owner = await open(spool);
  const id = newId();
  await spool.create(id, 10_000);
  return {
    id,
    spool,
    owner: () => owner,
    other,
    errors,
    async receive(index) {
      await owner.received(id, chunkCount);
      const write = { id, index, offset: index - 1, size: 1, body: oneByte(), signal };
      owner.add(id, index, (await spool.writeChunk(write)).logged);
    },
    async restartOwner() {
      await owner.close();
      owner = await open(spool);
    },
    async [Symbol.asyncDispose]() {
      await owner.drop(id);
      await Promise.all([owner.close(), other.close()]);
      await rm(root, { recursive: true });
    },
  };
}
