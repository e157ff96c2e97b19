import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import * as fc from "fast-check";

import { blobs, comments, files, users, videos } from "#db/schema.ts";
import type { Store } from "#lib/store/mod.ts";

import { probe } from "../../workers/probe/probe.ts";
import { purge } from "../../workers/purge/purge.ts";
import { push } from "../../workers/push/push.ts";
import { runJob } from "../../workers/run_job.ts";
import { hasMediaTools, makeClip, testPicture, wavOf } from "../support/clips.ts";
import { inPlaceOf } from "../support/stores.ts";
import { type SmallDrive, smallDrive } from "./small_drive.ts";

setDefaultTimeout(300_000);

type Ask = Awaited<ReturnType<SmallDrive["user"]>>;
type Made = { id: string; fileId?: string };

/** Ends the work of a test: whatever waits is done, whatever is due is gone. */
async function settle(drive: SmallDrive): Promise<void> {
  for (let i = 0; i < 4; i++) {
    drive.pass(3_600_000);
    await drive.work(push);
    await drive.work(purge);
  }
  // A push frees the spool a second later.
  await drive.ctx.lifecycle.idle();
}

async function rows(drive: SmallDrive) {
  const { db } = drive.ctx.catalog;
  return {
    videos: await db.select().from(videos),
    comments: await db.select().from(comments),
    files: await db.select().from(files),
    blobs: await db.select().from(blobs),
  };
}

/** The name of a drive's one user. */
async function onlyName({ ctx }: SmallDrive): Promise<string> {
  const [user] = await ctx.catalog.db.select().from(users);
  return user?.username ?? "";
}

function form(bytes: Uint8Array<ArrayBuffer>): FormData {
  const body = new FormData();
  body.append("file", new Blob([bytes]), "clip.wav");
  return body;
}

async function made<T = Made>(answer: Promise<Response>, status = 201): Promise<T> {
  const response = await answer;
  expect({ status: response.status, text: response.status === status ? "" : await response.text() }).toEqual({
    status,
    text: "",
  });
  return (await response.json()) as T;
}

describe("a video that is deleted", () => {
  let drive: SmallDrive;
  let ask: Ask;
  let name: string;
  beforeAll(async () => {
    drive = await smallDrive({ PURGE_AFTER: "1h", PURGE_BATCH: "7" });
    ask = await drive.user();
    name = await onlyName(drive);
  });
  afterAll(async () => await drive[Symbol.asyncDispose]());

  const waiting = () => made(ask(`/user/${name}/videos`, { method: "POST", json: { title: "x" } }));
  const say = (id: string) => made(ask(`/videos/${id}/comments`, { method: "POST", json: { content: "hm" } }));
  const remove = async (id: string) => expect((await ask(`/user/${name}/videos/${id}`, { method: "DELETE" })).status).toBe(204);

  test("goes after the grace period and not before, comments and all, however many there are", async () => {
    const gone = await Promise.all(Array.from({ length: 10 }, waiting));
    const kept = await waiting();
    for (const { id } of gone.slice(0, 3)) for (let i = 0; i < 20; i++) await say(id);
    await say(kept.id);
    for (const { id } of gone) await remove(id);
    drive.pass(3_500_000);
    await purge.due(drive.ctx, 10);
    expect((await rows(drive)).videos).toHaveLength(11);
    expect((await rows(drive)).comments).toHaveLength(61);
    drive.pass(200_000);
    await purge.due(drive.ctx, 10);
    const left = await rows(drive);
    expect(left.videos.map(({ id }) => id)).toEqual([kept.id]);
    expect(left.comments.map(({ videoId }) => videoId)).toEqual([kept.id]);
    await remove(kept.id);
    await settle(drive);
  });

  test("keeps its row until its poster is gone, and holds up no other", async () => {
    const [stuck, other] = [await waiting(), await waiting()];
    await say(stuck.id);
    for (const { id } of [stuck, other]) await remove(id);
    drive.pass(3_600_001);
    let isAway = true;
    const del: Store["delete"] = async (key, signal) => {
      if (isAway && key.includes(stuck.id)) throw new Error("the store is away");
      await drive.ctx.stores.first.store.delete(key, signal);
    };
    const ctx = { ...drive.ctx, stores: inPlaceOf(drive.ctx.stores, { delete: del }) };
    await purge.due(ctx, 10);
    expect((await rows(drive)).videos.map(({ id }) => id)).toEqual([stuck.id]);
    expect((await rows(drive)).comments).toEqual([]);
    isAway = false;
    drive.pass(61_000);
    await purge.due(ctx, 10);
    expect((await rows(drive)).videos).toEqual([]);
  });

  test.skipIf(!hasMediaTools)("leaves no poster, though the probe put it after the purge", async () => {
    const { id } = await waiting();
    const clip = await makeClip("webm", ...testPicture(1, "64x64"), "-c:v", "libvpx");
    await made(ask(`/upload/${id}`, { method: "POST", body: form(clip) }));
    const reached = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    const put: Store["put"] = async (...args) => {
      reached.resolve();
      await goOn.promise;
      await drive.ctx.stores.first.store.put(...args);
    };
    const stores = inPlaceOf(drive.ctx.stores, { put });
    const probing = runJob({ ...drive.ctx, stores }, probe, id);
    await reached.promise;
    await remove(id);
    await settle(drive);
    expect((await rows(drive)).videos).toEqual([]);
    goOn.resolve();
    await probing;
    await settle(drive);
    expect(await drive.leftovers()).toEqual([]);
  });

  test.skipIf(!hasMediaTools)("is probed where its bytes lie far away, and nothing of them stays here", async () => {
    const { id } = await waiting();
    // Its index stands at the end.
    const clip = await makeClip("mp4", ...testPicture(2, "64x64"), "-c:v", "mpeg4");
    await made(ask(`/upload/${id}`, { method: "POST", body: form(clip) }));
    await drive.work(push);
    await drive.ctx.lifecycle.idle();
    const stores = inPlaceOf(drive.ctx.stores, { path: () => null });
    await runJob({ ...drive.ctx, stores }, probe, id);
    expect((await rows(drive)).videos).toMatchObject([{ state: "ready", durationMs: 2000, width: 64, height: 64 }]);
    expect((await drive.leftovers()).filter((file) => file.endsWith(".data") || file.endsWith(".log"))).toEqual([]);
    await remove(id);
    await settle(drive);
  });

  test.skipIf(!hasMediaTools)("takes its poster and the file that was sent for it along", async () => {
    const { id } = await waiting();
    const clip = await makeClip("webm", ...testPicture(1, "64x64"), "-c:v", "libvpx");
    await made(ask(`/upload/${id}`, { method: "POST", body: form(clip) }));
    await drive.work(push);
    await drive.work(probe);
    expect((await drive.leftovers()).filter((file) => file === `${id}.jpg`)).toHaveLength(1);
    expect((await ask(`/videos/${id}/poster`)).status).toBe(200);
    await remove(id);
    await settle(drive);
    expect(await drive.leftovers()).toEqual([]);
    expect(await rows(drive)).toEqual({ videos: [], comments: [], files: [], blobs: [] });
  });
});

type Step =
  | { do: "publish" | "wait" | "send" | "delete" | "comment" | "deleteFile" | "watch"; nth: number }
  | { do: "push" }
  | { do: "purge" }
  | { do: "pass"; ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constantFrom("publish", "wait", "send", "delete", "comment", "deleteFile", "watch"),
      nth: fc.nat(3),
    }),
  },
  { weight: 2, arbitrary: fc.constantFrom<Step>({ do: "push" }, { do: "purge" }) },
  { weight: 1, arbitrary: fc.constantFrom<Step>({ do: "pass", ms: 1001 }) },
);

interface VideoList {
  videos: (Made & { state: string })[];
}

describe("videos, their files and their comments, made and deleted at the same time", () => {
  let drive: SmallDrive;
  let ask: Ask;
  let name: string;
  beforeAll(async () => {
    drive = await smallDrive({ PURGE_AFTER: "1s", PURGE_BATCH: "2" });
    ask = await drive.user();
    name = await onlyName(drive);
  });
  afterAll(async () => await drive[Symbol.asyncDispose]());

  const contents = [0, 1, 2, 3].map((n) => wavOf(3000 + n, `content ${n}`));
  const post = (path: string, json: unknown) => ask(path, { method: "POST", json });
  const listed = async () => (await made<VideoList>(ask(`/user/${name}/videos?limit=200`), 200)).videos;
  const held = async () => (await made<{ files: { id: string; size: number }[] }>(ask("/file/query?limit=200"), 200)).files;
  const nthOf = <T>(list: T[], nth: number): T | undefined => list[nth % Math.max(1, list.length)];

  /** Whatever it meets, each request is answered as the contract has it. */
  const expectOneOf = async (answer: Promise<Response>, ...statuses: number[]) => {
    const response = await answer;
    await response.bytes();
    expect(statuses).toContain(response.status);
  };

  const take = async (each: Step): Promise<void> => {
    if (each.do === "push") return await drive.work(push);
    if (each.do === "purge") return await drive.work(purge);
    if (each.do === "pass") return drive.pass(each.ms);
    const video = nthOf(await listed(), each.nth);
    const file = nthOf(await held(), each.nth);
    const bytes = contents[each.nth] ?? wavOf(100);
    const videos = `/user/${name}/videos`;
    switch (each.do) {
      case "wait":
        return await expectOneOf(post(videos, { title: "waits" }), 201);
      case "publish":
        return await expectOneOf(post(videos, { title: "shows", fileId: file?.id ?? "none" }), 201, 404);
      case "send":
        return await expectOneOf(ask(`/upload/${video?.id}`, { method: "POST", body: form(bytes) }), 201, 400, 404);
      case "delete":
        return await expectOneOf(ask(`${videos}/${video?.id}`, { method: "DELETE" }), 204, 404);
      case "comment":
        return await expectOneOf(post(`/videos/${video?.id}/comments`, { content: "hm" }), 201, 404);
      case "deleteFile":
        return await expectOneOf(post("/file/delete", { id: file?.id ?? "none" }), 204, 404);
      case "watch":
        return await expectOneOf(ask(`/videos/${video?.id}`), 200, 404);
    }
  };

  /** What is listed is there: a video that is ready has its file, and gives its bytes. */
  const expectWhole = async () => {
    const sizes = new Map((await held()).map(({ id, size }) => [id, size]));
    for (const { id, state, fileId } of await listed()) {
      expect(state === "ready").toBe(fileId !== undefined);
      if (fileId === undefined) continue;
      expect([...sizes.keys()]).toContain(fileId);
      const answer = await ask(`/videos/${id}`);
      expect(answer.status).toBe(200);
      const got = await answer.bytes();
      expect(got.length).toBe(sizes.get(fileId) ?? -1);
      expect(contents.some((content) => Buffer.compare(content, got) === 0)).toBe(true);
    }
  };

  test("stay whole while they are there, and leave nothing", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(fc.array(fc.array(step, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 5 }), { maxLength: 8 }),
        async (s, batches) => {
          for (const batch of batches) {
            drive.gate.wait = () => s.schedule(Promise.resolve());
            const lanes = batch.map(async (steps) => {
              for (const each of steps) await take(each);
            });
            await s.waitFor(Promise.all(lanes));
            drive.gate.wait = async () => {};
            await expectWhole();
          }
          for (const { id } of await listed()) await expectOneOf(ask(`/user/${name}/videos/${id}`, { method: "DELETE" }), 204);
          for (const { id } of await held()) await expectOneOf(post("/file/delete", { id }), 204);
          await settle(drive);
          expect(await rows(drive)).toEqual({ videos: [], comments: [], files: [], blobs: [] });
        },
      ),
      { numRuns: 80, interruptAfterTimeLimit: 25_000, markInterruptAsFailure: false },
    );
  });
});
