import { bytesOf, type Client, type FileJson, hashOf } from "../../test/support/client.ts";
import { expectJson, expectSame } from "./expect.ts";
import type { Answered, RouteCase } from "./route_case.ts";
import { formShot, many, newName, shotOf } from "./shots.ts";

const fileBytes = 4096;

/** Files by form, their metadata, and their bytes. */
export const fileCases: RouteCase[] = [
  {
    route: "POST /file/upload",
    title: "4 KiB",
    roundTrip: "insert",
    seed: async ({ user }) => {
      const client = await user();
      return {
        kind: "each",
        status: 201,
        count: 300,
        shots: async (count) =>
          Array.from({ length: count }, () =>
            formShot(client, "/file/upload", newName(), bytesOf(fileBytes, crypto.randomUUID())),
          ),
        check: async (answer, { body = "" }) => {
          const sent = body.split("\r\n\r\n").slice(1).join("\r\n\r\n").slice(0, fileBytes);
          const { id } = expectJson(answer, { size: fileBytes });
          expectSame("what is downloaded", Buffer.from(await client.download(String(id))).toString("latin1"), sent);
        },
      };
    },
  },
  {
    route: "GET /file/query",
    title: "by id",
    roundTrip: "select",
    seed: async ({ user }) => {
      const { client, file } = await withFile(user);
      const shot = shotOf(client, "GET", `/file/query?id=${file.id}`);
      return { kind: "repeat", status: 200, shot, check: (answer) => void expectJson(answer, file) };
    },
  },
  {
    route: "GET /file/query",
    title: "by sha1",
    roundTrip: "select",
    seed: async ({ user }) => {
      const { client, file } = await withFile(user);
      const shot = shotOf(client, "GET", `/file/query?sha1=${file.sha1}`);
      return { kind: "repeat", status: 200, shot, check: (answer) => void expectJson(answer, file) };
    },
  },
  {
    route: "GET /file/query",
    title: "a page of 50",
    roundTrip: "select",
    seed: async ({ user }) => {
      const { client, file } = await withFile(user);
      const made = await linked(client, file, 60);
      const shot = shotOf(client, "GET", "/file/query");
      return {
        kind: "repeat",
        status: 200,
        shot,
        check: (answer) => {
          const { files } = expectJson(answer, {});
          if (!Array.isArray(files)) throw new Error("it holds no list of files");
          expectSame("the length of the page", files.length, 50);
          const ids = new Set(made.map(({ id }) => id));
          expectSame("how many of them were made last", files.filter(({ id }: FileJson) => ids.has(id)).length, 50);
        },
      };
    },
  },
  ...(["GET", "HEAD"] as const).map((method): RouteCase => ({
    route: `${method} /file/download`,
    title: "4 KiB",
    roundTrip: "select",
    seed: async ({ user }) => {
      const { client, file, bytes } = await withFile(user);
      const shot = shotOf(client, method, `/file/download?id=${file.id}`);
      return { kind: "repeat", status: 200, shot, check: (answer) => mustBeBytes(answer, file, method === "GET" ? bytes : null) };
    },
  })),
  {
    route: "GET /file/download",
    title: "a range of 1 KiB",
    roundTrip: "select",
    seed: async ({ user }) => {
      const { client, file, bytes } = await withFile(user);
      const { headers, ...shot } = shotOf(client, "GET", `/file/download?id=${file.id}`);
      return {
        kind: "repeat",
        status: 206,
        shot: { ...shot, headers: { ...headers, range: "bytes=1000-2023" } },
        check: (answer) => {
          expectSame("Content-Range", answer.headers.get("content-range"), `bytes 1000-2023/${fileBytes}`);
          mustBeBytes(answer, file, bytes.subarray(1000, 2024));
        },
      };
    },
  },
  {
    route: "GET /file/download",
    title: "signed URL",
    roundTrip: "select",
    seed: async ({ user }) => {
      const { client, file, bytes } = await withFile(user);
      const { url } = await client.json<{ url: string }>(200, `/file/downloadurl?id=${file.id}`);
      const { pathname, search } = new URL(url);
      const shot = shotOf(null, "GET", `${pathname}${search}`);
      return { kind: "repeat", status: 200, shot, check: (answer) => mustBeBytes(answer, file, bytes) };
    },
  },
  {
    route: "GET /file/downloadurl",
    roundTrip: "select",
    seed: async ({ user, url: base }) => {
      const { client, file, bytes } = await withFile(user);
      const shot = shotOf(client, "GET", `/file/downloadurl?id=${file.id}`);
      return {
        kind: "repeat",
        status: 200,
        shot,
        check: async (answer) => {
          const { pathname, search } = new URL(String(expectJson(answer, {})["url"]));
          const sent = await fetch(`${base}${pathname}${search}`);
          expectSame("what the URL leads to", await sent.bytes(), bytes);
        },
      };
    },
  },
  {
    route: "POST /file/update",
    roundTrip: "insert",
    seed: async ({ user }) => {
      const { client, file } = await withFile(user);
      const files = await linked(client, file, 64);
      let next = 0;
      return {
        kind: "each",
        status: 200,
        count: 600,
        shots: async (count) =>
          Array.from({ length: count }, () => {
            next += 1;
            return shotOf(client, "POST", "/file/update", { id: files[next % files.length]?.id, name: newName() });
          }),
        check: async (answer, { body = "" }) => {
          const renamed: { id: string; name: string } = JSON.parse(body);
          expectJson(answer, renamed);
          expectSame("its name", (await client.json<FileJson>(200, `/file/query?id=${renamed.id}`)).name, renamed.name);
        },
      };
    },
  },
  {
    route: "POST /file/delete",
    roundTrip: "insert",
    seed: async ({ user }) => {
      const { client, file } = await withFile(user);
      return {
        kind: "each",
        status: 204,
        count: 400,
        shots: async (count) =>
          (await linked(client, file, count)).map(({ id }) => shotOf(client, "POST", "/file/delete", { id })),
        check: async (_, { body = "" }) => {
          const { id }: { id: string } = JSON.parse(body);
          expectSame("the status of a query for it", (await client.fetch(`/file/query?id=${id}`)).status, 404);
        },
      };
    },
  },
];

/** A new user with a file, which is stored: no worker has anything to do for it. */
export async function withFile(user: () => Promise<Client>, bytes = bytesOf(fileBytes, crypto.randomUUID())) {
  const client = await user();
  const { id } = await client.upload(newName(), bytes);
  for (;;) {
    const file = await client.json<FileJson>(200, `/file/query?id=${id}`);
    if (file.state === "stored") return { client, file, bytes };
    await Bun.sleep(20);
  }
}

/** Further files of content that one has: rows, and no bytes. */
export function linked(client: Client, { sha1, size }: FileJson, count: number): Promise<FileJson[]> {
  return many(count, () =>
    client.json<FileJson>(201, "/file/fastupload", { method: "POST", json: { sha1, size, name: newName() } }),
  );
}

/** @param bytes null for an answer to HEAD. */
function mustBeBytes({ headers, body }: Answered, { sha1 }: FileJson, bytes: Uint8Array | null): void {
  expectSame("ETag", headers.get("etag"), `"${sha1}"`);
  if (bytes) expectSame("the SHA-1 of the body", hashOf("sha1", body), hashOf("sha1", bytes));
  else expectSame("Content-Length", headers.get("content-length"), String(fileBytes));
}
