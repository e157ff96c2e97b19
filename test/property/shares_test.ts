import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";

import * as fc from "fast-check";

import { shareGrants, shares, users, viewBatches } from "#db/schema.ts";

import { flushViews } from "../../gateway/share/flush_views.ts";
import { purge } from "../../workers/purge/purge.ts";
import { sweep } from "../../workers/sweep/sweep.ts";
import { type SmallDrive, smallDrive } from "./small_drive.ts";

setDefaultTimeout(300_000);

type Ask = Awaited<ReturnType<SmallDrive["user"]>>;

const size = 1000;
const day = 86_400_000;

async function fileOf(ask: Ask): Promise<string> {
  const body = new FormData();
  body.append("file", new Blob([new Uint8Array(size).fill(7)]), "shared.bin");
  const answer = await ask("/file/upload", { method: "POST", body });
  return ((await answer.json()) as { id: string }).id;
}

async function shareOf(ask: Ask, json: Record<string, unknown>): Promise<string> {
  const answer = await ask("/share", { method: "POST", json });
  expect(answer.status).toBe(201);
  return ((await answer.json()) as { code: string }).code;
}

/** What one may do with a share, and what may happen to it. */
type Act =
  | { do: "open" | "whole" | "head" | "save" | "rest" | "end" | "delete file" | "flush" }
  | { do: "range"; from: number }
  | { do: "pass"; ms: number };

const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom("open", "whole", "head", "save", "rest", "flush").map((name) => ({ do: name })) },
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 900 }).map((from) => ({ do: "range" as const, from })) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: day }).map((ms) => ({ do: "pass" as const, ms })) },
  { weight: 1, arbitrary: fc.constantFrom("end", "delete file").map((name) => ({ do: name })) },
);

describe("a share, whatever is done to it", () => {
  let drive: SmallDrive;
  let owner: Ask;
  let guest: Ask;
  beforeEach(async () => {
    drive = await smallDrive({ PURGE_AFTER: "1h", PURGE_BATCH: "3" });
    [owner, guest] = [await drive.user(), await drive.user()];
  });
  afterEach(async () => await drive[Symbol.asyncDispose]());

  test("gives its file as often as it may, until it ends, and counts all of it", async () => {
    const options = fc.record({
      maxDownloads: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }),
      expiresIn: fc.option(fc.integer({ min: 1, max: 200_000 }), { nil: undefined }),
    });
    await fc.assert(
      fc.asyncProperty(options, fc.array(act, { maxLength: 25 }), async (how, acts) => {
        const fileId = await fileOf(owner);
        const code = await shareOf(owner, { fileId, ...how });
        const max = how.maxDownloads ?? Number.POSITIVE_INFINITY;
        let elapsed = 0;
        const model = { downloads: 0, views: 0, isGone: false, grantedUntil: -1 };
        const ask = async (path: string, init: RequestInit = {}) => {
          const answer = await guest(`/share/${code}${path}`, init);
          await answer.bytes();
          return answer.status;
        };
        const isOver = () => how.expiresIn !== undefined && elapsed >= how.expiresIn * 1000;
        const refusal = () => (model.isGone ? 404 : isOver() ? 410 : undefined);
        const count = (good: number, isFree: boolean) => {
          if (isFree) return good;
          if (model.downloads >= max) return 410;
          model.downloads++;
          return good;
        };
        const countBytes = (good: number, from: number) => {
          const isFree = from > 0 && (how.maxDownloads === undefined || elapsed < model.grantedUntil);
          const status = count(good, isFree);
          if (status === good && !isFree) model.grantedUntil = elapsed + day;
          return status;
        };
        for (const step of acts) {
          if (step.do === "pass") {
            // Far from what a moment of the real clock decides.
            drive.pass(step.ms);
            elapsed += step.ms;
            const ends = how.expiresIn === undefined ? Number.POSITIVE_INFINITY : how.expiresIn * 1000;
            fc.pre(Math.abs(elapsed - ends) > 5000 && Math.abs(elapsed - model.grantedUntil) > 5000);
          } else if (step.do === "flush") {
            await flushViews(drive.ctx);
          } else if (step.do === "end") {
            const status = (await owner(`/share/${code}`, { method: "DELETE" })).status;
            expect(status).toBe(model.isGone ? 404 : 204);
            model.isGone = true;
          } else if (step.do === "delete file") {
            await owner("/file/delete", { method: "POST", json: { id: fileId } });
            model.isGone = true;
          } else if (step.do === "open") {
            const expected = refusal() ?? 200;
            if (expected === 200) model.views++;
            expect(await ask("")).toBe(expected);
          } else if (step.do === "head") {
            expect(await ask("/download", { method: "HEAD" })).toBe(refusal() ?? 200);
          } else if (step.do === "save") {
            const expected = refusal() ?? count(201, false);
            expect(await ask("/save", { method: "POST" })).toBe(expected);
          } else if (step.do === "whole") {
            expect(await ask("/download")).toBe(refusal() ?? countBytes(200, 0));
          } else {
            const from = step.do === "range" ? step.from : size - 1;
            expect(await ask("/download", { headers: { range: `bytes=${from}-` } })).toBe(refusal() ?? countBytes(206, from));
          }
        }
        const { shares: own } = (await (await owner("/share?limit=200")).json()) as { shares: Record<string, unknown>[] };
        const found = own.find((each) => each["code"] === code);
        if (model.isGone) expect(found).toBeUndefined();
        else expect(found).toMatchObject({ downloads: model.downloads, views: model.views });
        await owner(`/share/${code}`, { method: "DELETE" });
      }),
      { numRuns: 60 },
    );
  });

  test("leaves no row once it was due: neither ended nor expired, nor grants, nor traces of views", async () => {
    const fileId = await fileOf(owner);
    const kept = await shareOf(owner, { fileId });
    const codes = [];
    for (let i = 0; i < 10; i++) codes.push(await shareOf(owner, { fileId, maxDownloads: 5, ...(i % 2 && { expiresIn: 60 }) }));
    for (const code of codes) {
      await (await guest(`/share/${code}/download`)).bytes();
      await guest(`/share/${code}`);
    }
    await flushViews(drive.ctx);
    for (const [i, code] of codes.entries()) if (i % 2 === 0) await owner(`/share/${code}`, { method: "DELETE" });
    const { db } = drive.ctx.catalog;
    const housekeep = async () => {
      await purge.due(drive.ctx, 10);
      await sweep.tick(drive.ctx, AbortSignal.timeout(60_000));
    };
    await housekeep();
    // Of the expired it is said for a while that they have.
    drive.pass(29 * day);
    await housekeep();
    expect((await guest(`/share/${codes[1]}`)).status).toBe(410);
    const codesLeft = async () => (await db.select().from(shares)).map(({ code }) => code).toSorted();
    expect(await codesLeft()).toEqual([kept, ...codes.filter((_, i) => i % 2 === 1)].toSorted());
    drive.pass(2 * day);
    await housekeep();
    expect((await guest(`/share/${codes[1]}`)).status).toBe(404);
    expect(await codesLeft()).toEqual([kept]);
    expect(await db.select().from(shareGrants)).toEqual([]);
    expect(await db.select().from(viewBatches)).toEqual([]);
    // With the account the last one goes.
    const [first] = await db.select().from(users);
    await owner(`/user/${first?.username}`, { method: "DELETE" });
    drive.pass(2 * 3_600_000);
    await housekeep();
    expect(await codesLeft()).toEqual([]);
  });
});
