import type { Client } from "../support/client.ts";
import { formOf } from "./form.ts";
import type { Target } from "./target.ts";

export interface VideoJson {
  id: string;
  title: string;
  username: string;
  state: "waiting" | "ready";
  fileId?: string;
  createdAt: string;
  duration?: number;
  width?: number;
  height?: number;
  poster?: string;
}

export interface CommentJson {
  id: string;
  videoId: string;
  author: string;
  content: string;
  createdAt: string;
}

/** What one sends to make a video. */
export function publish(client: Client, body: unknown, username = client.username): Promise<Response> {
  return client.fetch(`/user/${encodeURIComponent(username)}/videos`, { method: "POST", json: body });
}

/** A video that shows a new file of those bytes. */
export async function published(client: Client, bytes: Uint8Array<ArrayBuffer>, title = "A clip"): Promise<VideoJson> {
  const { id } = await client.upload("clip.bin", bytes);
  return await made(publish(client, { title, fileId: id }));
}

/** A video that waits for its file. */
export function waiting(client: Client, title = "To come"): Promise<VideoJson> {
  return made(publish(client, { title }));
}

/** Sends the file of a video. */
export function send(client: Client, id: string, bytes: Uint8Array<ArrayBuffer>, name = "clip.bin"): Promise<Response> {
  return client.fetch(`/upload/${id}`, formOf([name, bytes]));
}

export function remove(client: Client, id: string, username = client.username): Promise<Response> {
  return client.fetch(`/user/${encodeURIComponent(username)}/videos/${id}`, { method: "DELETE" });
}

export function say(client: Client, id: string, content: unknown): Promise<Response> {
  return client.fetch(`/videos/${id}/comments`, { method: "POST", json: { content } });
}

/** Somebody's videos, as one sees them without a token. */
export async function videosOf(
  target: Target,
  username: string,
  query = "",
): Promise<{ videos: VideoJson[]; next: string | null }> {
  return await ok(target.fetch(`/user/${encodeURIComponent(username)}/videos${query}`));
}

/** A video's comments, as one sees them without a token. */
export async function commentsOf(
  target: Target,
  id: string,
  query = "",
): Promise<{ comments: CommentJson[]; next: string | null }> {
  return await ok(target.fetch(`/videos/${id}/comments${query}`));
}

/** What a 201 holds. @throws {Error} for any other answer. */
export async function made<T = VideoJson>(answer: Promise<Response>): Promise<T> {
  return await parse(await answer, 201);
}

async function ok<T>(answer: Promise<Response>): Promise<T> {
  return await parse(await answer, 200);
}

async function parse<T>(answer: Response, status: number): Promise<T> {
  if (answer.status !== status) throw new Error(`answered ${answer.status}: ${await answer.text()}`);
  return (await answer.json()) as T;
}
