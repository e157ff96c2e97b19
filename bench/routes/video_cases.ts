import type { Client } from "../../test/support/client.ts";
import { hasMediaTools, makeClip, testPicture, wavOf } from "../../test/support/clips.ts";
import { expectJson, expectSame, expectText } from "./expect.ts";
import { withFile } from "./file_cases.ts";
import type { Answered, RouteCase } from "./route_case.ts";
import { formShot, many, newName, shotOf } from "./shots.ts";

const videoBytes = 4096;

interface VideoJson {
  id: string;
  title: string;
  poster?: string;
}

/** Videos and their comments. */
export const videoCases: RouteCase[] = [
  // First, before those that leave thousands of videos to be probed: its poster would not be made while it waits.
  {
    route: "GET /videos/{id}/poster",
    roundTrip: "select",
    seed: async ({ user }) => {
      const { client, video } = await withVideo(user, hasMediaTools ? await makeClip("mp4", ...testPicture(1)) : undefined);
      const hasPoster = hasMediaTools && (await isProbed(client, video.id));
      const shot = shotOf(null, "GET", `/videos/${video.id}/poster`);
      return {
        kind: "repeat",
        // Without ffmpeg on the drive's machine there is none.
        status: hasPoster ? 200 : 404,
        shot,
        check: hasPoster ? mustBeJpeg : (answer) => void expectJson(answer, { code: "not-found" }),
      };
    },
  },
  {
    route: "POST /user/{username}/videos",
    roundTrip: "insert",
    seed: async ({ user }) => {
      const { client, file } = await withFile(user, wavOf(videoBytes, crypto.randomUUID()));
      const shot = shotOf(client, "POST", videosPath(client), { title: "A clip", fileId: file.id });
      const wanted = { title: "A clip", state: "ready", fileId: file.id };
      return { kind: "repeat", status: 201, shot, check: (answer) => void expectJson(answer, wanted) };
    },
  },
  {
    route: "POST /upload/{id}",
    title: "4 KiB",
    roundTrip: "insert",
    seed: async ({ user }) => {
      const client = await user();
      return {
        kind: "each",
        status: 201,
        count: 100,
        shots: (count) =>
          many(count, async () => {
            const { id } = await publish(client);
            return formShot(client, `/upload/${id}`, newName("wav"), wavOf(videoBytes, id));
          }),
        check: (answer) => void expectJson(answer, { state: "ready" }),
      };
    },
  },
  {
    route: "GET /user/{username}/videos",
    roundTrip: "select",
    seed: async ({ user }) => {
      const client = await user();
      const ids = (await many(20, () => publish(client))).map(({ id }) => id);
      const shot = shotOf(null, "GET", videosPath(client));
      return {
        kind: "repeat",
        status: 200,
        shot,
        check: (answer) => {
          const { videos } = expectJson(answer, { next: null });
          if (!Array.isArray(videos)) throw new Error("it holds no list of videos");
          expectSame("the videos", videos.map(({ id }: VideoJson) => id).toSorted(), ids.toSorted());
        },
      };
    },
  },
  {
    route: "GET /user/{username}/videos/{id}",
    roundTrip: "select",
    seed: async ({ user }) => {
      const client = await user();
      const video = await publish(client);
      const shot = shotOf(null, "GET", `${videosPath(client)}/${video.id}`);
      return { kind: "repeat", status: 200, shot, check: (answer) => void expectJson(answer, video) };
    },
  },
  {
    route: "DELETE /user/{username}/videos/{id}",
    roundTrip: "insert",
    seed: async ({ user }) => {
      const client = await user();
      return {
        kind: "each",
        status: 204,
        count: 300,
        shots: (count) =>
          many(count, async () => shotOf(client, "DELETE", `${videosPath(client)}/${(await publish(client)).id}`)),
        check: async (_, { path }) => expectSame("the status of a query for it", (await client.fetch(path)).status, 404),
      };
    },
  },
  ...(["GET", "HEAD"] as const).map((method): RouteCase => ({
    route: `${method} /videos/{id}`,
    title: "4 KiB",
    roundTrip: "select",
    seed: async ({ user }) => {
      const { video, bytes } = await withVideo(user);
      const shot = shotOf(null, method, `/videos/${video.id}`);
      return {
        kind: "repeat",
        status: 200,
        shot,
        check: ({ headers, body }) => {
          expectSame("Content-Type", headers.get("content-type"), "audio/wav");
          expectSame("Content-Length", headers.get("content-length"), String(videoBytes));
          if (method === "GET") expectSame("the bytes", Buffer.compare(body, bytes), 0);
        },
      };
    },
  })),
  {
    route: "GET /videos/{id}",
    title: "a range of 1 KiB",
    roundTrip: "select",
    seed: async ({ user }) => {
      const { video, bytes } = await withVideo(user);
      const shot = { ...shotOf(null, "GET", `/videos/${video.id}`), headers: { range: "bytes=1000-2023" } };
      return {
        kind: "repeat",
        status: 206,
        shot,
        check: ({ headers, body }) => {
          expectSame("Content-Range", headers.get("content-range"), `bytes 1000-2023/${videoBytes}`);
          expectSame("the bytes", Buffer.compare(body, bytes.subarray(1000, 2024)), 0);
        },
      };
    },
  },
  {
    route: "GET /videos/{id}/comments",
    title: "a page of 50",
    roundTrip: "select",
    seed: async ({ user }) => {
      const client = await user();
      const { id } = await publish(client);
      await many(60, () => comment(client, id));
      const shot = shotOf(null, "GET", `/videos/${id}/comments`);
      return {
        kind: "repeat",
        status: 200,
        shot,
        check: (answer) => {
          const { comments } = expectJson(answer, {});
          expectSame("the length of the page", Array.isArray(comments) && comments.length, 50);
          expectText(answer, new RegExp(`"author":"${client.username}"`));
        },
      };
    },
  },
  {
    route: "POST /videos/{id}/comments",
    roundTrip: "insert",
    seed: async ({ user }) => {
      const client = await user();
      const { id: videoId } = await publish(client);
      const shot = shotOf(client, "POST", `/videos/${videoId}/comments`, { content: "Nice!" });
      const wanted = { videoId, author: client.username, content: "Nice!" };
      return { kind: "repeat", status: 201, shot, check: (answer) => void expectJson(answer, wanted) };
    },
  },
  ...(["DELETE", "POST"] as const).map((method): RouteCase => ({
    route: `${method} /videos/{id}/comments/{commentId}`,
    roundTrip: "insert",
    seed: async ({ user }) => {
      const client = await user();
      const { id } = await publish(client);
      const path = `/videos/${id}/comments`;
      return {
        kind: "each",
        status: 204,
        count: 300,
        shots: (count) => many(count, async () => shotOf(client, method, `${path}/${await comment(client, id)}`)),
        check: async (_, shot) => {
          const page = await (await client.fetch(path)).text();
          expectSame("whether it is still listed", page.includes(shot.path.split("/").at(-1) ?? "/"), false);
        },
      };
    },
  })),
];

function videosPath({ username }: Client): string {
  return `/user/${username}/videos`;
}

/** A video that waits for its file, or shows one. */
function publish(client: Client, fileId?: string): Promise<VideoJson> {
  const json = { title: "A clip", ...(fileId === undefined ? {} : { fileId }) };
  return client.json(201, videosPath(client), { method: "POST", json });
}

async function comment(client: Client, videoId: string): Promise<string> {
  const init = { method: "POST", json: { content: "Nice!" } };
  return (await client.json<{ id: string }>(201, `/videos/${videoId}/comments`, init)).id;
}

async function withVideo(user: () => Promise<Client>, clip = wavOf(videoBytes, crypto.randomUUID())) {
  const { client, file, bytes } = await withFile(user, clip);
  return { client, video: await publish(client, file.id), bytes };
}

function mustBeJpeg({ headers, body }: Answered): void {
  expectSame("Content-Type", headers.get("content-type"), "image/jpeg");
  expectSame("the first bytes", Buffer.from(body.subarray(0, 3)).toString("hex"), "ffd8ff");
}

/** Whether a poster was made, within a time that a drive with the tools for it does not need. */
async function isProbed(client: Client, id: string): Promise<boolean> {
  for (const end = performance.now() + 20_000; performance.now() < end; await Bun.sleep(100)) {
    const { poster } = await client.json<VideoJson>(200, `${videosPath(client)}/${id}`);
    if (poster !== undefined) return true;
  }
  return false;
}
