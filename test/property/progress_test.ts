import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import * as fc from "fast-check";

import { newId } from "#lib/id/mod.ts";
import { memoryProgress } from "#lib/progress/mod.ts";
import { folderSpool, type Spool, type WrittenChunk } from "#lib/spool/mod.ts";

const chunkCount = 6;
const { signal } = new AbortController();

async function* oneByte() {
  yield Uint8Array.of(7);
}

const index = fc.integer({ min: 1, max: chunkCount });
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("write" as const), index }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("at once" as const), index }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("tell" as const), index: fc.nat(10) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("reopen" as const), index }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("look" as const), index: fc.constant(0) }) },
  fc.record({ kind: fc.constant("recreate" as const), index: fc.constant(0) }),
);

let root: string;
let spool: Spool;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "sluice-progress-"));
  spool = await folderSpool(root);
});
afterAll(async () => await rm(root, { recursive: true }));

test("what is told of the log, in whatever order and however late, changes nothing of what is said of it", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), fc.boolean(), async (steps, isBegun) => {
      const progress = memoryProgress(spool);
      const id = newId();
      const made = await spool.create(id, 100);
      if (isBegun) progress.begin(id, chunkCount, made);
      const untold: WrittenChunk[] = [];
      const looks: Promise<void>[] = [];
      const look = async () => {
        const wanted = (await memoryProgress(spool).received(id, chunkCount)).missing();
        expect((await progress.received(id, chunkCount)).missing()).toEqual(wanted);
      };
      for (const { kind, index } of steps) {
        if (kind === "write") untold.push(await spool.writeChunk({ id, index, offset: index, size: 1, body: oneByte(), signal }));
        if (kind === "at once") {
          const isMissing = !(await memoryProgress(spool).received(id, chunkCount)).has(index);
          const onto = progress.stampWithout(id, index);
          const written = onto && spool.writeAtOnce({ id, index, offset: index, size: 1, bytes: Uint8Array.of(7), onto });
          if (written) untold.push(written);
          expect(written === null || isMissing).toBe(true);
        }
        if (kind === "reopen") await spool.reopen(id, index);
        if (kind === "recreate") await spool.create(id, 100);
        // One that is begun now and goes on beside the next steps.
        if (kind === "look") looks.push(progress.received(id, chunkCount).then(() => {}));
        const [told] = kind === "tell" ? untold.splice(index % Math.max(1, untold.length), 1) : [];
        if (told) progress.add(id, told.record.index, told.logged);
      }
      await look();
      await Promise.all(looks);
      for (const { record, logged } of untold) progress.add(id, record.index, logged);
      await look();
      await spool.remove(id);
    }),
    { numRuns: 300 },
  );
});
