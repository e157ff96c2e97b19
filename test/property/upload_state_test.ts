import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import * as fc from "fast-check";

import { merge } from "../../workers/merge/merge.ts";
import { sweep } from "../../workers/sweep/sweep.ts";
import { bytesOf, hashOf, type InitJson, type ProblemJson, type StatusJson } from "../support/client.ts";
import { type SmallDrive, smallDrive } from "./small_drive.ts";

setDefaultTimeout(300_000);

const chunkSize = 256 * 1024;
const ttl = 60_000;

type Step =
  | { do: "chunk"; index: number; wrong: boolean }
  | { do: "complete" | "cancel" | "merge" | "sweep" }
  | { do: "pass"; ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant("chunk" as const), index: fc.integer({ min: 1, max: 4 }), wrong: fc.boolean() }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom("complete", "complete", "merge", "merge", "cancel", "sweep") }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("pass" as const), ms: fc.constantFrom(ttl / 2, ttl + 1) }) },
);

/** An upload as it must be: the whole of its rules. */
interface Model {
  /** `forgotten`: it ended, and its row was kept for as long as an open one lives. */
  state: StatusJson["state"] | "forgotten";
  received: Set<number>;
  hasFile: boolean;
  expiresAt: number;
  now: number;
}

describe("an upload, whatever is done to it in whatever order", () => {
  let drive: SmallDrive;
  beforeAll(async () => {
    drive = await smallDrive({ UPLOAD_TTL: `${ttl}ms` });
  });
  afterAll(async () => await drive[Symbol.asyncDispose]());

  test("is as its rules say, and leaves nothing behind when it has ended badly", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 25 }),
        fc.boolean(),
        fc.integer({ min: 0, max: 3 }),
        async (steps, isLying, chunks) => {
          const size = chunks * chunkSize - (chunks > 1 ? 1000 : 0);
          await play(drive, { steps, size, isLying });
        },
      ),
      { numRuns: 150, interruptAfterTimeLimit: 45_000, markInterruptAsFailure: false },
    );
  });
});

async function play(drive: SmallDrive, { steps, size, isLying }: { steps: Step[]; size: number; isLying: boolean }) {
  const ask = await drive.user();
  const bytes = bytesOf(size, `${size}`);
  const sha1 = isLying ? "0".repeat(40) : hashOf("sha1", bytes);
  const open = await ask("/file/mpupload/init", { method: "POST", json: { name: "a.bin", size, sha1, chunkSize } });
  const { uploadId, chunkCount } = (await open.json()) as InitJson;
  const model: Model = { state: "open", received: new Set(), hasFile: false, expiresAt: ttl, now: 0 };
  const expectStatus = async () => {
    const answer = await ask(`/file/mpupload/status?uploadid=${uploadId}`);
    expect(answer.status).toBe(model.state === "forgotten" ? 404 : 200);
    if (model.state === "forgotten") return;
    const status = (await answer.json()) as StatusJson;
    const all = Array.from({ length: chunkCount }, (_, i) => i + 1);
    const isOver = model.state === "cancelled";
    expect({ state: status.state, received: status.received, missing: status.missing }).toEqual({
      state: model.state,
      received: isOver ? 0 : model.state === "open" ? model.received.size : chunkCount,
      missing: model.state === "open" ? all.filter((index) => !model.received.has(index)) : [],
    });
    expect(status.error).toBe(model.state === "failed" ? "sha1-mismatch" : undefined);
    expect(status.fileId !== undefined).toBe(model.state === "done");
    if (status.fileId === undefined) return;
    expect(await (await ask(`/file/download?id=${status.fileId}`)).bytes()).toEqual(bytes);
  };
  for (const each of steps) {
    const [status, code] = expected(model, each, chunkCount);
    const answer = await act(drive, { each, ask, uploadId, bytes });
    if (answer) {
      expect([each, answer.status]).toEqual([each, status]);
      if (status >= 400) expect((await answer.json()) as ProblemJson).toMatchObject({ code });
    }
    follow(model, each, { isLying, status });
    await expectStatus();
  }
  await ask("/file/mpupload/cancel", { method: "POST", json: { uploadId } });
  const { files } = (await (await ask("/file/query")).json()) as { files: unknown[] };
  expect(files).toHaveLength(model.hasFile ? 1 : 0);
  if (!model.hasFile) expect((await drive.leftovers()).filter((name) => name.startsWith(uploadId))).toEqual([]);
}

type Ask = Awaited<ReturnType<SmallDrive["user"]>>;

async function act(
  drive: SmallDrive,
  { each, ask, uploadId, bytes }: { each: Step; ask: Ask; uploadId: string; bytes: Uint8Array },
): Promise<Response | null> {
  switch (each.do) {
    case "chunk": {
      const right = bytes.slice((each.index - 1) * chunkSize, each.index * chunkSize);
      const body = each.wrong ? new Uint8Array(right.byteLength + 1) : right;
      const headers = { "content-length": String(body.byteLength) };
      return await ask(`/file/mpupload/uppart?uploadid=${uploadId}&index=${each.index}`, { method: "PUT", body, headers });
    }
    case "complete":
    case "cancel":
      return await ask(`/file/mpupload/${each.do}`, { method: "POST", json: { uploadId } });
    case "merge":
      await drive.work(merge);
      break;
    case "sweep":
      await sweep.tick(drive.ctx, drive.ctx.lifecycle.aborted);
      break;
    case "pass":
      drive.pass(each.ms);
  }
  return null;
}

/** What must be answered, by the state before. */
function expected({ state, received }: Model, each: Step, chunkCount: number): [status: number, code?: string] {
  if (state === "forgotten") return [404, "no-such-upload"];
  if (each.do === "chunk") {
    if (state !== "open") return [409, "upload-closed"];
    return each.wrong || each.index > chunkCount ? [400, "wrong-chunk-size"] : [200];
  }
  if (each.do === "complete") {
    if (state === "cancelled") return [409, "upload-closed"];
    return state === "open" && received.size < chunkCount ? [409, "incomplete"] : [202];
  }
  return [each.do === "cancel" ? 204 : 0];
}

/** What must be the case afterwards. */
function follow(model: Model, each: Step, { isLying, status }: { isLying: boolean; status: number }) {
  const { state } = model;
  if (each.do === "pass") model.now += each.ms;
  if (each.do === "chunk" && status === 200) {
    model.received.add(each.index);
    model.expiresAt = model.now + ttl;
  }
  if (each.do === "complete" && state === "open" && status === 202) model.state = "verifying";
  if (each.do === "cancel" && (state === "open" || state === "verifying")) end(model, "cancelled");
  if (each.do === "merge" && state === "verifying") end(model, isLying ? "failed" : "done");
  if (each.do === "sweep" && model.expiresAt <= model.now) {
    if (state === "open") end(model, "cancelled");
    else if (state !== "verifying") model.state = "forgotten";
  }
}

function end(model: Model, state: "cancelled" | "failed" | "done") {
  model.state = state;
  model.hasFile = state === "done";
  model.expiresAt = model.now + ttl;
}
