import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { rm } from "node:fs/promises";

import * as fc from "fast-check";

import { blobs, files } from "#db/schema.ts";
import type { Store } from "#lib/store/mod.ts";

import { merge } from "../../workers/merge/merge.ts";
import { purge } from "../../workers/purge/purge.ts";
import { push } from "../../workers/push/push.ts";
import { runJob } from "../../workers/run_job.ts";
import { sweep } from "../../workers/sweep/sweep.ts";
import { bytesOf, type ChallengeJson, type FileJson, hashOf, type InitJson, proofOf } from "../support/client.ts";
import { inPlaceOf } from "../support/stores.ts";
import { type SmallDrive, smallDrive } from "./small_drive.ts";

setDefaultTimeout(300_000);

type Step =
  | { do: "form" | "chunked" | "instant" | "delete" | "read"; user: number; content: number }
  | { do: "merge" | "push" | "purge" | "sweep" }
  /** Time goes by, and the leases of what runs. */
  | { do: "pass"; ms: number };

const users = 2;
const contents = 2;
const user = fc.nat(users - 1);
// Mostly the same one, or there would be no race for it.
const content = fc.constantFrom(0, 0, 0, 0, 1);

/** What one does after the other, while others do what they do. */
const lane: fc.Arbitrary<Step[]> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .record({ do: fc.constantFrom("form", "form", "chunked", "instant", "read"), user, content })
      .chain((step) => fc.constantFrom<Step[]>([step], [step, { do: "merge" }], [step, { do: "push" }], [step, step])),
  },
  {
    weight: 4,
    arbitrary: content.chain((content) => {
      const everybodyDeletes = Array.from({ length: users }, (_, user): Step => ({ do: "delete", user, content }));
      return fc.constantFrom<Step[]>(everybodyDeletes, [...everybodyDeletes, { do: "purge" }, { do: "purge" }]);
    }),
  },
  {
    weight: 3,
    arbitrary: fc.constantFrom<Step[]>([{ do: "push" }], [{ do: "merge" }, { do: "push" }], [{ do: "purge" }], [{ do: "sweep" }]),
  },
  { weight: 1, arbitrary: fc.constantFrom<Step[]>([{ do: "pass", ms: 2000 }], [{ do: "pass", ms: 60_000 }]) },
);

interface Held {
  id: string;
  user: number;
  content: number;
}

describe("a content that is deleted and purged, pushed, and brought in anew at the same time", () => {
  let drive: SmallDrive;
  beforeAll(async () => {
    drive = await smallDrive({ PURGE_AFTER: "1s", LEASE_TTL: "30s" });
  });
  afterAll(async () => await drive[Symbol.asyncDispose]());

  test("is there for everybody who has it, and gone when nobody has", async () => {
    let round = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(fc.array(lane, { minLength: 1, maxLength: 5 }), { maxLength: 10 }),
        async (s, batches) => {
          const world = await createWorld(drive, ++round);
          for (const batch of batches) {
            drive.gate.wait = () => s.schedule(Promise.resolve());
            await s.waitFor(Promise.all(batch.map((steps) => world.takeAll(steps))));
            drive.gate.wait = async () => {};
            await world.expectAllReadable();
          }
          await world.clearAway();
          expect(await drive.leftovers()).toEqual([]);
          expect(await drive.ctx.catalog.db.select().from(blobs)).toEqual([]);
          expect(await drive.ctx.catalog.db.select().from(files)).toEqual([]);
        },
      ),
      { numRuns: 120, interruptAfterTimeLimit: 45_000, markInterruptAsFailure: false },
    );
  });

  test("a push that went on after its blob was purged leaves no object", async () => {
    const ask = await drive.user();
    const { id } = await upload(ask, bytesOf(5000, "stalled"));
    const [blobId = ""] = await push.due(drive.ctx, 10);
    const reached = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    // As a store that is far away: it has the bytes already, and takes its time.
    const put: Store["put"] = async (key, source, signal) => {
      const path = `${source.path}.sent`;
      await Bun.write(path, Bun.file(source.path));
      reached.resolve();
      await goOn.promise;
      await drive.ctx.stores.first.store.put(key, { ...source, path }, signal);
      await rm(path);
    };
    const stores = inPlaceOf(drive.ctx.stores, { put });
    const pushing = runJob({ ...drive.ctx, stores }, push, blobId);
    await reached.promise;
    expect((await ask("/file/delete", { method: "POST", json: { id } })).status).toBe(204);
    drive.pass(60_000);
    await drive.work(purge);
    expect(await drive.ctx.catalog.db.select().from(blobs)).toEqual([]);
    goOn.resolve();
    await pushing;
    expect(await drive.leftovers()).toEqual([]);
  });

  test("a sweep leaves alone what a form has sent whose other files still come", async () => {
    const ask = await drive.user();
    const bytes = bytesOf(5000, "slow form");
    const reached = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    let isHeld = false;
    drive.gate.wait = async (call) => {
      // The form's; the sweep has transactions of its own.
      if (call !== "transaction" || isHeld) return;
      isHeld = true;
      reached.resolve();
      await goOn.promise;
    };
    const uploading = upload(ask, bytes);
    await reached.promise;
    drive.pass(3 * 3_600_000);
    await sweep.tick(drive.ctx, drive.ctx.lifecycle.aborted);
    drive.gate.wait = async () => {};
    goOn.resolve();
    const { id } = await uploading;
    const answer = await ask(`/file/download?id=${id}`);
    expect(answer.status).toBe(200);
    expect(await answer.bytes()).toEqual(bytes);
  });
});

async function upload(ask: Awaited<ReturnType<SmallDrive["user"]>>, bytes: Uint8Array<ArrayBuffer>): Promise<FileJson> {
  const body = new FormData();
  body.append("file", new Blob([bytes]), "a.bin");
  const answer = await ask("/file/upload", { method: "POST", body });
  expect(answer.status).toBe(201);
  return (await answer.json()) as FileJson;
}

/** Users with a few contents between them, and what each must have. */
async function createWorld(drive: SmallDrive, round: number) {
  const askers = await Promise.all(Array.from({ length: users }, () => drive.user()));
  // Sent in pieces, so that much can happen while they come.
  const bytes = Array.from({ length: contents }, (_, content) => bytesOf(5000 + content, `${round} ${content}`));
  const held = new Map<string, Held>();
  const uploads = new Map<string, Omit<Held, "id">>();

  const askerOf = (user: number) => askers[user]!;
  const contentOf = (content: number) => bytes[content]!;
  const keep = (id: string, of: Omit<Held, "id">) => void held.set(id, { ...of, id });

  const bring = {
    form: async (of: Omit<Held, "id">) => {
      keep((await upload(askerOf(of.user), contentOf(of.content))).id, of);
    },
    chunked: async (of: Omit<Held, "id">) => {
      const ask = askerOf(of.user);
      const size = contentOf(of.content).byteLength;
      const opened = await ask("/file/mpupload/init", { method: "POST", json: { name: "a.bin", size } });
      const { uploadId } = (await opened.json()) as InitJson;
      const sent = await ask(`/file/mpupload/uppart?uploadid=${uploadId}&index=1`, {
        method: "PUT",
        body: contentOf(of.content),
      });
      expect(sent.status).toBe(200);
      expect((await ask("/file/mpupload/complete", { method: "POST", json: { uploadId } })).status).toBe(202);
      uploads.set(uploadId, of);
    },
    instant: async (of: Omit<Held, "id">) => {
      const ask = askerOf(of.user);
      const content = contentOf(of.content);
      const post = (json: unknown) => ask("/file/fastupload", { method: "POST", json });
      const asked = await post({ sha1: hashOf("sha1", content), size: content.byteLength, name: "a.bin" });
      const answer: unknown = await asked.json();
      if (asked.status === 201) {
        keep((answer as FileJson).id, of);
        return;
      }
      const challenge = answer as ChallengeJson;
      const proven = await post({ challengeId: challenge.challenge.id, proof: proofOf(challenge, content), name: "a.bin" });
      expect([201, 404]).toContain(proven.status);
      if (proven.status === 201) keep(((await proven.json()) as FileJson).id, of);
    },
  };

  const pick = (user: number, content: number) =>
    [...held.values()].find((file) => file.user === user && file.content === content);

  const read = async ({ id, user, content }: Held) => {
    const answer = await askerOf(user)(`/file/download?id=${id}`);
    // Deleted while it was asked for: no more may be said of it.
    if (!held.has(id)) return;
    expect(answer.status).toBe(200);
    const got = await answer.bytes();
    if (held.has(id)) expect(Buffer.compare(got, contentOf(content))).toBe(0);
  };

  /** What a merge has made of the uploads that were completed. */
  const collect = async () => {
    for (const [uploadId, of] of uploads) {
      const answer = await askerOf(of.user)(`/file/mpupload/status?uploadid=${uploadId}`);
      const { state, fileId } = (await answer.json()) as { state: string; fileId?: string };
      expect(["verifying", "done"]).toContain(state);
      if (fileId !== undefined && uploads.delete(uploadId)) keep(fileId, of);
    }
  };

  const take = async (each: Step): Promise<void> => {
    switch (each.do) {
      case "form":
      case "chunked":
      case "instant":
        return await bring[each.do]({ user: each.user, content: each.content });
      case "read": {
        const file = pick(each.user, each.content);
        return file && (await read(file));
      }
      case "delete": {
        for (let file = pick(each.user, each.content); file; file = pick(each.user, each.content)) {
          held.delete(file.id);
          const answer = await askerOf(file.user)("/file/delete", { method: "POST", json: { id: file.id } });
          expect(answer.status).toBe(204);
        }
        return;
      }
      case "merge":
        return await drive.work(merge);
      case "push":
        return await drive.work(push);
      case "purge":
        // Whatever was deleted before is due.
        drive.pass(1001);
        return await drive.work(purge);
      case "sweep":
        return await sweep.tick(drive.ctx, drive.ctx.lifecycle.aborted);
      case "pass":
        return drive.pass(each.ms);
    }
  };

  const takeAll = async (steps: Step[]) => {
    for (const each of steps) await take(each);
  };

  const expectAllReadable = async () => {
    await collect();
    for (const file of held.values()) await read(file);
  };

  const clearAway = async () => {
    // A day and more: leases and delays are over, and the sweep may take what has no row.
    for (let i = 0; uploads.size > 0 && i < 5; i++) {
      drive.pass(600_000);
      await drive.work(merge);
      await collect();
    }
    expect(uploads.size).toBe(0);
    await expectAllReadable();
    for (const { user, content } of held.values()) await take({ do: "delete", user, content });
    const days = 2 * 24 * 3_600_000;
    for (let i = 0; i < 4; i++) {
      drive.pass(days);
      await drive.work(push);
      await drive.work(purge);
      await sweep.tick(drive.ctx, drive.ctx.lifecycle.aborted);
    }
    // Files have the time of the system: the next round's must not look days old.
    drive.pass(-4 * days);
  };
  return { takeAll, expectAllReadable, clearAway };
}
