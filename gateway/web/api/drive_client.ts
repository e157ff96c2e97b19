import { putChunk, type ChunkRequest } from "./put_chunk.ts";
import { request, type RequestOptions } from "./request.ts";
import { sendBody } from "./send_body.ts";
import type { Session } from "./session.ts";
import type {
  Challenge,
  CommentPage,
  DriveComment,
  DriveFile,
  DriveVideo,
  FilePage,
  ListedShare,
  OfflineStarted,
  OpenedUpload,
  OwnShare,
  ShareOptions,
  SharePage,
  TopShares,
  UploadStatus,
  VideoPage,
} from "./wire.ts";

type Signal = AbortSignal | undefined;

/**
 * The drive's endpoints, as the signed-in person. Every method throws `ProblemError`, `NetworkError`, or the
 * reason of its signal.
 */
export class DriveClient {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  files(q: string, cursor: string | null, limit: number, signal?: Signal): Promise<FilePage> {
    const query = new URLSearchParams({ limit: String(limit), ...(q && { q }), ...(cursor && { cursor }) });
    return this.#json(`/file/query?${query}`, { signal });
  }

  async downloadUrl(id: string): Promise<string> {
    const answer = await this.#json<{ url: string }>(`/file/downloadurl?${new URLSearchParams({ id })}`);
    return answer.url;
  }

  rename(id: string, name: string): Promise<DriveFile> {
    return this.#json("/file/update", { method: "POST", body: { id, name } });
  }

  async delete(id: string): Promise<void> {
    await this.#send("/file/delete", { method: "POST", body: { id } });
  }

  /** The file at once where this person already holds the content, else a challenge. */
  claim(body: { sha1: string; size: number; name: string }, signal?: Signal): Promise<DriveFile | { challenge: Challenge }> {
    return this.#json("/file/fastupload", { method: "POST", body, signal });
  }

  prove(body: { challengeId: string; proof: string; name: string }, signal?: Signal): Promise<DriveFile> {
    return this.#json("/file/fastupload", { method: "POST", body, signal });
  }

  openUpload(body: { name: string; size: number; sha1: string }, signal?: Signal): Promise<OpenedUpload> {
    return this.#json("/file/mpupload/init", { method: "POST", body, signal });
  }

  putChunk(uploadId: string, index: number, chunk: Omit<ChunkRequest, "url" | "token">): Promise<void> {
    const url = `/file/mpupload/uppart?${new URLSearchParams({ uploadid: uploadId, index: String(index) })}`;
    return this.#session.withToken((token) => putChunk({ ...chunk, url, token }));
  }

  uploadStatus(uploadId: string, signal?: Signal): Promise<UploadStatus> {
    return this.#json(`/file/mpupload/status?${new URLSearchParams({ uploadid: uploadId })}`, { signal });
  }

  completeUpload(uploadId: string, signal?: Signal): Promise<UploadStatus> {
    return this.#json("/file/mpupload/complete", { method: "POST", body: { uploadId }, signal });
  }

  /** Has the drive fetch a URL as an upload of this person's. */
  fetchUrl(body: { url: string; name?: string }): Promise<OfflineStarted> {
    return this.#json("/file/offline", { method: "POST", body });
  }

  async cancelUpload(uploadId: string): Promise<void> {
    await this.#send("/file/mpupload/cancel", { method: "POST", body: { uploadId } });
  }

  videos(username: string, cursor: string | null, signal?: Signal): Promise<VideoPage> {
    return this.#json(`${videosPath(username)}?${page(cursor)}`, { signal });
  }

  video(username: string, id: string): Promise<DriveVideo> {
    return this.#json(`${videosPath(username)}/${encodeURIComponent(id)}`);
  }

  /** Publishes a file of this person's, or without one makes a video that {@link sendVideo} fills. */
  publish(username: string, body: { title: string; fileId?: string }): Promise<DriveVideo> {
    return this.#json(videosPath(username), { method: "POST", body });
  }

  /** @param onProgress told how much of the file has left, between 0 and 1. */
  async sendVideo(id: string, file: File, onProgress: (share: number) => void, signal: AbortSignal): Promise<DriveVideo> {
    const body = new FormData();
    body.append("file", file);
    const url = `/upload/${encodeURIComponent(id)}`;
    const report = (bytes: number) => onProgress(Math.min(1, bytes / Math.max(1, file.size)));
    const text = await this.#session.withToken((token) =>
      sendBody({ method: "POST", url, token, body, signal, onProgress: report }),
    );
    return JSON.parse(text);
  }

  async deleteVideo(username: string, id: string): Promise<void> {
    await this.#send(`${videosPath(username)}/${encodeURIComponent(id)}`, { method: "DELETE" });
  }

  comments(id: string, cursor: string | null, signal?: Signal): Promise<CommentPage> {
    return this.#json(`/videos/${encodeURIComponent(id)}/comments?${page(cursor)}`, { signal });
  }

  comment(id: string, content: string): Promise<DriveComment> {
    return this.#json(`/videos/${encodeURIComponent(id)}/comments`, { method: "POST", body: { content } });
  }

  async deleteComment({ videoId, id }: DriveComment): Promise<void> {
    await this.#send(`/videos/${encodeURIComponent(videoId)}/comments/${encodeURIComponent(id)}`, { method: "DELETE" });
  }

  share(options: ShareOptions): Promise<OwnShare> {
    return this.#json("/share", { method: "POST", body: options });
  }

  shares(cursor: string | null, signal?: Signal): Promise<SharePage<OwnShare>> {
    return this.#json(`/share?${page(cursor)}`, { signal });
  }

  /** What others share with this person alone. */
  sharesWithMe(cursor: string | null, signal?: Signal): Promise<SharePage<ListedShare>> {
    return this.#json(`/share?with=me&${page(cursor)}`, { signal });
  }

  /** The most viewed of the public list. */
  topShares(limit: number, signal?: Signal): Promise<TopShares> {
    return this.#json(`/share/top?${new URLSearchParams({ limit: String(limit) })}`, { signal });
  }

  saveShare(code: string): Promise<DriveFile> {
    return this.#json(`/share/${encodeURIComponent(code)}/save`, { method: "POST" });
  }

  async endShare(code: string): Promise<void> {
    await this.#send(`/share/${encodeURIComponent(code)}`, { method: "DELETE" });
  }

  /** The event stream's bytes. */
  async events(signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    const response = await this.#send("/file/events", { accept: "text/event-stream", signal });
    if (!response.body) throw new Error("GET /file/events answered without a body");
    return response.body;
  }

  /** The shape of an answer is the contract's word (`wire.ts`), not checked again here. */
  async #json<T>(path: string, options: RequestOptions = {}): Promise<T> {
    return (await this.#send(path, options)).json();
  }

  #send(path: string, options: RequestOptions): Promise<Response> {
    return this.#session.withToken((token) => request(path, { ...options, token }));
  }
}

function videosPath(username: string): string {
  return `/user/${encodeURIComponent(username)}/videos`;
}

function page(cursor: string | null): URLSearchParams {
  return new URLSearchParams(cursor === null ? {} : { cursor });
}
