import { Crc32, crc32Hex } from "#lib/bytes/mod.ts";

import { bytesOf, type ChallengeJson, type Client, type InitJson, proofOf } from "../../test/support/client.ts";
import { expectJson, expectSame, expectText } from "./expect.ts";
import { linked, withFile } from "./file_cases.ts";
import type { RouteCase } from "./route_case.ts";
import { many, newName, shotOf } from "./shots.ts";

const chunkBytes = 64 * 1024;
const chunk = bytesOf(chunkBytes, "chunk");
const chunkText = Buffer.from(chunk).toString("latin1");

/** Chunked and instant upload, and the events of both. */
export const uploadCases: RouteCase[] = [
  {
    route: "POST /file/mpupload/init",
    roundTrip: "insert",
    seed: async ({ user }) => {
      const client = await user();
      return {
        kind: "each",
        status: 201,
        count: 3000,
        shots: async (count) =>
          Array.from({ length: count }, () =>
            shotOf(client, "POST", "/file/mpupload/init", { name: newName(), size: chunkBytes }),
          ),
        check: async (answer) => {
          const { uploadId } = expectJson(answer, { chunkCount: 1 });
          expectSame("its state", (await client.status(String(uploadId))).state, "open");
        },
      };
    },
  },
  ...(["PUT", "POST"] as const).map((method): RouteCase => ({
    route: `${method} /file/mpupload/uppart`,
    title: "64 KiB",
    seed: async ({ user }) => {
      const client = await user();
      return {
        kind: "each",
        status: 200,
        count: 1000,
        shots: async (count) =>
          (await opened(client, count)).map((id) => ({
            ...shotOf(client, method, `/file/mpupload/uppart?uploadid=${id}&index=1`),
            body: chunkText,
          })),
        check: (answer) => {
          const crc = new Crc32();
          crc.update(chunk);
          expectJson(answer, { index: 1, size: chunkBytes, crc32: crc32Hex(crc.value) });
        },
      };
    },
  })),
  {
    route: "GET /file/mpupload/status",
    roundTrip: "select",
    seed: async ({ user }) => {
      const client = await user();
      const [uploadId = ""] = await opened(client, 1);
      const shot = shotOf(client, "GET", `/file/mpupload/status?uploadid=${uploadId}`);
      const wanted = { uploadId, state: "open", received: 0, chunkCount: 1, missing: [1] };
      return { kind: "repeat", status: 200, shot, check: (answer) => void expectJson(answer, wanted) };
    },
  },
  {
    route: "POST /file/offline",
    title: "of content that is held",
    roundTrip: "insert",
    seed: async ({ user }) => {
      const { client, file } = await withFile(user);
      return {
        kind: "each",
        status: 202,
        count: 200,
        shots: async (count) =>
          Array.from({ length: count }, () =>
            // It is never asked: what is held already ends at once.
            shotOf(client, "POST", "/file/offline", { url: "http://1.1.1.1/a", name: newName(), sha1: file.sha1 }),
          ),
        check: async (answer) => {
          const { uploadId } = expectJson(answer, {});
          const { fileId = "" } = await client.status(String(uploadId));
          expectSame("the file", (await client.json<{ sha1: string }>(200, `/file/query?id=${fileId}`)).sha1, file.sha1);
        },
      };
    },
  },
  {
    route: "POST /file/mpupload/complete",
    title: "64 KiB",
    roundTrip: "insert",
    seed: async ({ user }) => {
      const client = await user();
      return {
        kind: "each",
        status: 202,
        count: 100,
        shots: (count) =>
          many(count, async () => {
            const { uploadId } = await client.init({ name: newName(), size: chunkBytes });
            const sent = await client.chunk(uploadId, 1, chunk);
            expectSame("the status of a chunk", sent.status, 200);
            return shotOf(client, "POST", "/file/mpupload/complete", { uploadId });
          }),
        check: async (answer) => {
          const { uploadId } = expectJson(answer, { received: 1, missing: [] });
          const { fileId = "" } = await client.settled(String(uploadId), "done", "failed");
          expectSame("what is downloaded", await client.download(fileId), chunk);
        },
      };
    },
  },
  {
    route: "POST /file/mpupload/cancel",
    roundTrip: "insert",
    seed: async ({ user }) => {
      const client = await user();
      return {
        kind: "each",
        status: 204,
        count: 200,
        shots: async (count) =>
          (await opened(client, count)).map((uploadId) => shotOf(client, "POST", "/file/mpupload/cancel", { uploadId })),
        check: async (_, { body = "" }) => {
          const { uploadId }: InitJson = JSON.parse(body);
          expectSame("its state", (await client.status(uploadId)).state, "cancelled");
        },
      };
    },
  },
  {
    route: "POST /file/fastupload",
    title: "by the holder",
    roundTrip: "insert",
    seed: async ({ user }) => {
      const { client, file } = await withFile(user);
      const { sha1, size } = file;
      return {
        kind: "each",
        status: 201,
        count: 3000,
        shots: async (count) =>
          Array.from({ length: count }, () => shotOf(client, "POST", "/file/fastupload", { sha1, size, name: newName() })),
        check: (answer, { body = "" }) => void expectJson(answer, JSON.parse(body)),
      };
    },
  },
  {
    route: "POST /file/fastupload",
    title: "challenge",
    roundTrip: "insert",
    seed: async ({ user }) => {
      const { file } = await withFile(user);
      const { sha1, size } = file;
      const shot = shotOf(await user(), "POST", "/file/fastupload", { sha1, size, name: newName() });
      return { kind: "repeat", status: 200, shot, check: (answer) => expectText(answer, /"nonce":"[0-9a-f]{64}"/) };
    },
  },
  {
    route: "POST /file/fastupload",
    title: "proof",
    roundTrip: "insert",
    seed: async ({ user }) => {
      const { file, bytes } = await withFile(user);
      const { sha1, size } = file;
      return {
        kind: "each",
        status: 201,
        count: 16,
        // By users who do not hold it yet: who does is given the file at once.
        shots: (count) =>
          many(count, async () => {
            const client = await user();
            const asked = await client.json<ChallengeJson>(200, "/file/fastupload", {
              method: "POST",
              json: { sha1, size, name: newName() },
            });
            const { id: challengeId } = asked.challenge;
            return shotOf(client, "POST", "/file/fastupload", { challengeId, proof: proofOf(asked, bytes), name: newName() });
          }),
        check: (answer) => void expectJson(answer, { sha1, size }),
      };
    },
  },
  {
    route: "GET /file/events",
    title: "opened",
    seed: async ({ user }) => {
      const { client, file } = await withFile(user);
      await linked(client, file, 1);
      const shot = shotOf(client, "GET", "/file/events");
      return { kind: "stream", status: 200, shot, check: (answer) => expectText(answer, /^: connected\n\n/) };
    },
  },
];

/** New uploads of one chunk each, which is not sent yet. */
function opened(client: Client, count: number): Promise<string[]> {
  return many(count, async () => (await client.init({ name: newName(), size: chunkBytes })).uploadId);
}
