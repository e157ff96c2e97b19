import type { DriveClient } from "../api/drive_client.ts";
import type { DriveComment, DriveVideo } from "../api/wire.ts";
import { find } from "../ui/find.ts";
import type { Notices } from "../ui/notices.ts";
import { setText } from "../ui/set_text.ts";
import { commentRow } from "./comment_row.ts";

/** What a {@link Player} works with. */
export interface PlayerParts {
  client: DriveClient;
  notices: Notices;
  /** Who watches. */
  username: string;
}

/** Plays one video and shows what is said of it. */
export class Player {
  readonly #parts: PlayerParts;
  readonly #card = find(document, "#player", HTMLElement);
  readonly #video = find(document, "#player-video", HTMLVideoElement);
  readonly #text = find(document, "#comment-text", HTMLTextAreaElement);
  readonly #list = find(document, "#comment-list", HTMLUListElement);
  readonly #more = find(document, "#comments-more", HTMLButtonElement);
  #shown: DriveVideo | null = null;
  #next: string | null = null;
  #loading = new AbortController();

  /** @param signal Ends the listening, at sign-out. */
  constructor(parts: PlayerParts, signal: AbortSignal) {
    this.#parts = parts;
    find(document, "#player-close", HTMLButtonElement).addEventListener("click", () => this.close(), { signal });
    find(document, "#comment-form", HTMLFormElement).addEventListener("submit", (event) => void this.#onSubmit(event), {
      signal,
    });
    this.#more.addEventListener("click", () => void this.#load(this.#next), { signal });
    this.#video.addEventListener("error", () => this.#onError(), { signal });
  }

  /** Which video is open. */
  get id(): string | undefined {
    return this.#shown?.id;
  }

  open(video: DriveVideo): void {
    this.close();
    this.#shown = video;
    this.#card.hidden = false;
    setText(find(document, "#player-title", HTMLElement), video.title);
    setText(find(document, "#player-meta", HTMLElement), video.username);
    if (video.poster !== undefined) this.#video.poster = video.poster;
    this.#video.src = `/videos/${encodeURIComponent(video.id)}`;
    find(document, "#player-title", HTMLElement).focus();
    void this.#load(null);
  }

  /** Without a source, a player lets go of its connection. */
  close(): void {
    this.#loading.abort();
    this.#shown = null;
    this.#video.removeAttribute("src");
    this.#video.removeAttribute("poster");
    this.#video.load();
    this.#list.replaceChildren();
    this.#text.value = "";
    this.#more.hidden = true;
    this.#card.hidden = true;
  }

  #onError(): void {
    if (this.#shown)
      this.#parts.notices.alert(
        "This video cannot be played here now: it may be of a kind that this browser does not know, or too many are being watched.",
      );
  }

  async #load(cursor: string | null): Promise<void> {
    this.#loading.abort();
    const { signal } = (this.#loading = new AbortController());
    const video = this.#shown;
    if (!video) return;
    try {
      const { comments, next } = await this.#parts.client.comments(video.id, cursor, signal);
      if (signal.aborted) return;
      this.#next = next;
      this.#list.append(...comments.map((comment) => this.#rowOf(comment, video)));
      this.#more.hidden = next === null;
    } catch (error) {
      if (!signal.aborted) this.#parts.notices.error(error);
    }
  }

  #rowOf(comment: DriveComment, video: DriveVideo): HTMLLIElement {
    const { username } = this.#parts;
    const mayDelete = comment.author === username || video.username === username;
    const row: HTMLLIElement = commentRow(comment, mayDelete, () => void this.#delete(comment, row));
    return row;
  }

  async #delete(comment: DriveComment, row: HTMLLIElement): Promise<void> {
    try {
      await this.#parts.client.deleteComment(comment);
      row.remove();
      this.#text.focus();
    } catch (error) {
      this.#parts.notices.error(error);
    }
  }

  async #onSubmit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const video = this.#shown;
    if (!video) return;
    try {
      const comment = await this.#parts.client.comment(video.id, this.#text.value);
      if (this.#shown?.id !== video.id) return;
      this.#text.value = "";
      this.#list.prepend(this.#rowOf(comment, video));
    } catch (error) {
      this.#parts.notices.error(error);
    }
  }
}
