import type { Client, FileJson } from "../support/client.ts";
import type { Target } from "./target.ts";
import { made } from "./video_client.ts";

/** A share, as whoever may open it sees it. */
export interface ShareJson {
  code: string;
  url: string;
  name: string;
  size: number;
  mime: string;
  username: string;
  hasPassword: boolean;
  expiresAt: string | null;
  maxDownloads: number | null;
  downloads: number;
  views: number;
  createdAt: string;
  downloadUrl: string;
  downloadUrlExpiresAt: string;
}

/** A share, as its owner sees it. */
export interface OwnShareJson extends Omit<ShareJson, "mime" | "downloadUrl" | "downloadUrlExpiresAt"> {
  fileId: string;
  listed: boolean;
  with: string | null;
}

export function share(client: Client, body: unknown): Promise<Response> {
  return client.fetch("/share", { method: "POST", json: body });
}

/** A share of a new file of those bytes. */
export async function shared(
  client: Client,
  bytes: Uint8Array<ArrayBuffer>,
  options: Record<string, unknown> = {},
  name = "shared.bin",
): Promise<OwnShareJson> {
  const { id } = await client.upload(name, bytes);
  return await made(share(client, { fileId: id, ...options }));
}

/** The header that holds a password. */
export function withPassword(password: string): { headers: Record<string, string> } {
  return { headers: { "x-share-password": encodeURIComponent(password) } };
}

/** Whoever asks: a user, or somebody without a token. */
export type Asker = Pick<Client, "fetch"> | Pick<Target, "fetch">;

export function open(asker: Asker, code: string, password?: string): Promise<Response> {
  return asker.fetch(`/share/${code}`, password === undefined ? {} : withPassword(password));
}

export function fetchShare(asker: Asker, code: string, headers: Record<string, string> = {}, method = "GET"): Promise<Response> {
  return asker.fetch(`/share/${code}/download`, { method, headers });
}

export function save(asker: Asker, code: string, password?: string): Promise<Response> {
  return asker.fetch(`/share/${code}/save`, { method: "POST", ...(password !== undefined && withPassword(password)) });
}

export function end(asker: Asker, code: string): Promise<Response> {
  return asker.fetch(`/share/${code}`, { method: "DELETE" });
}

/** What a 200 holds. @throws {Error} for any other answer. */
export async function seen<T = ShareJson>(answer: Promise<Response>): Promise<T> {
  const response = await answer;
  if (response.status !== 200) throw new Error(`answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as T;
}

/** A page of somebody's shares. */
export async function sharesOf(client: Client, query = ""): Promise<{ shares: OwnShareJson[]; next: string | null }> {
  return await client.json(200, `/share${query}`);
}

export async function filesOf(client: Client): Promise<FileJson[]> {
  return (await client.json<{ files: FileJson[] }>(200, "/file/query")).files;
}
