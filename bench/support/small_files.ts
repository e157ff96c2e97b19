import type { Account, FileJson } from "./account.ts";
import type { Outgoing } from "./job.ts";
import type { Sender } from "./sender.ts";

const fileBytes = 16 * 1024;
const connections = 16;
const lookMs = 25;

/** Sends files of 16 KiB, no two alike, as uploads of one chunk each that is acknowledged. @returns the uploads' ids. */
export async function sendSmallFiles(sender: Sender, account: Account, count: number): Promise<string[]> {
  const openings = Array.from({ length: count }, () =>
    jsonRequest(account, "/file/mpupload/init", { name: `${crypto.randomUUID()}.bin`, size: fileBytes }),
  );
  const { answers } = await sender.run({ connections, requests: openings });
  const ids = answers.map(({ body }) => (JSON.parse(body) as { uploadId: string }).uploadId);
  await sender.run({ connections, requests: ids.map((id) => chunkRequest(account, id)) });
  return ids;
}

/** Completes uploads, and waits until the workers have merged them. */
export async function completeSmallFiles(sender: Sender, account: Account, ids: string[]): Promise<void> {
  const requests = ids.map((uploadId) => jsonRequest(account, "/file/mpupload/complete", { uploadId }));
  await sender.run({ connections, requests });
  await untilAll(account, (files) => files.length === ids.length);
}

/** Waits until the workers have pushed all files of a user. */
export async function untilStored(account: Account): Promise<void> {
  await untilAll(account, (files) => files.every(({ state }) => state === "stored"));
}

function jsonRequest({ url, headers }: Account, path: string, body: object): Outgoing {
  return {
    method: "POST",
    url: url + path,
    headers: { ...headers, "content-type": "application/json" },
    body: [{ kind: "text", text: JSON.stringify(body) }],
  };
}

function chunkRequest({ url, headers }: Account, id: string): Outgoing {
  const own = crypto.randomUUID();
  return {
    method: "PUT",
    url: `${url}/file/mpupload/uppart?uploadid=${id}&index=1`,
    headers,
    body: [
      { kind: "text", text: own },
      { kind: "cut", at: 0, bytes: fileBytes - own.length, times: 1 },
    ],
  };
}

/** Looks at a user's list again and again: some requests for all files rather than some for each. */
async function untilAll(account: Account, are: (files: FileJson[]) => boolean): Promise<void> {
  while (!are(await allFiles(account))) await Bun.sleep(lookMs);
}

async function allFiles(account: Account): Promise<FileJson[]> {
  const files: FileJson[] = [];
  let cursor: string | null | undefined = "";
  while (typeof cursor === "string") {
    const from: string = cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`;
    const page: { files: FileJson[]; next?: string | null } = await account.json(200, "GET", `/file/query?limit=100${from}`);
    files.push(...page.files);
    cursor = page.next;
  }
  return files;
}
