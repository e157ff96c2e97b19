import { type Client, type FileJson, hashOf } from "../../test/support/client.ts";
import { expectJson, expectSame } from "./expect.ts";
import { linked, withFile } from "./file_cases.ts";
import type { Plan, RouteCase } from "./route_case.ts";
import { many, shotOf } from "./shots.ts";

/** Shares: made, listed, opened, downloaded, saved, and ended. */
export const shareCases: RouteCase[] = [
  {
    route: "POST /share",
    roundTrip: "insert",
    seed: async ({ user }) => {
      const { client, file } = await withFile(user);
      const shot = shotOf(client, "POST", "/share", { fileId: file.id });
      const wanted = { fileId: file.id, name: file.name, size: file.size, downloads: 0, listed: false };
      return { kind: "repeat", status: 201, shot, check: (answer) => void expectJson(answer, wanted) };
    },
  },
  {
    route: "GET /share",
    title: "a page of 50",
    roundTrip: "select",
    seed: async ({ user }) => {
      const { client, file } = await withFile(user);
      await many(60, () => share(client, file));
      const check = lengthCheck(50);
      return { kind: "repeat", status: 200, shot: shotOf(client, "GET", "/share"), check };
    },
  },
  {
    route: "GET /share/top",
    roundTrip: "get",
    seed: async ({ user }) => {
      const { client, file } = await withFile(user);
      await many(20, () => share(client, file, { listed: true }));
      const check = lengthCheck(10);
      return { kind: "repeat", status: 200, shot: shotOf(null, "GET", "/share/top?limit=10"), check };
    },
  },
  ...(["GET", "HEAD"] as const).map((method): RouteCase => ({
    route: `${method} /share/{code}`,
    roundTrip: "select",
    seed: async ({ user }) => {
      const { client, file } = await withFile(user);
      const code = await share(client, file);
      return {
        kind: "repeat",
        status: 200,
        shot: shotOf(null, method, `/share/${code}`),
        check: (answer) => {
          if (method === "GET") expectJson(answer, { code, name: file.name, size: file.size, username: client.username });
          else expectSame("the length of the body", answer.body.byteLength, 0);
        },
      };
    },
  })),
  ...(["GET", "HEAD"] as const).map((method): RouteCase => ({
    route: `${method} /share/{code}/download`,
    title: "4 KiB",
    roundTrip: "insert",
    seed: async ({ user }) => {
      const { client, file } = await withFile(user);
      const shot = shotOf(null, method, `/share/${await share(client, file)}/download`);
      return {
        kind: "repeat",
        status: 200,
        shot,
        check: ({ headers, body }) => {
          if (method === "GET") expectSame("the SHA-1 of the body", hashOf("sha1", body), file.sha1);
          else expectSame("Content-Length", headers.get("content-length"), String(file.size));
        },
      };
    },
  })),
  {
    route: "POST /share/{code}/save",
    roundTrip: "insert",
    seed: async ({ user }) => {
      const { client, file } = await withFile(user);
      const other = await user();
      return {
        kind: "each",
        status: 201,
        count: 200,
        // Each of a name of its own: to find a free one would take longer each time.
        shots: async (count) => {
          const files = await linked(client, file, count);
          return await many(count, async (i) => shotOf(other, "POST", `/share/${await share(client, files[i] ?? file)}/save`));
        },
        check: (answer) => void expectJson(answer, { sha1: file.sha1, size: file.size }),
      };
    },
  },
  {
    route: "DELETE /share/{code}",
    roundTrip: "insert",
    seed: async ({ user }) => {
      const { client, file } = await withFile(user);
      return {
        kind: "each",
        status: 204,
        count: 300,
        shots: (count) => many(count, async () => shotOf(client, "DELETE", `/share/${await share(client, file)}`)),
        check: async (_, { path }) => expectSame("whether it is gone", (await client.fetch(path)).ok, false),
      };
    },
  },
];

/** Shares a file. @returns the code. */
async function share(client: Client, { id }: FileJson, options: object = {}): Promise<string> {
  const { code } = await client.json<{ code: string }>(201, "/share", { method: "POST", json: { fileId: id, ...options } });
  return code;
}

function lengthCheck(length: number): Plan["check"] {
  return (answer) => {
    const { shares } = expectJson(answer, {});
    expectSame("the length of the list", Array.isArray(shares) && shares.length, length);
  };
}
