import type { DriveClient } from "../api/drive_client.ts";
import type { DriveVideo } from "../api/wire.ts";
import { confirm } from "../ui/confirm.ts";
import { find } from "../ui/find.ts";
import { isolate } from "../ui/isolate.ts";
import type { Notices } from "../ui/notices.ts";
import { setText } from "../ui/set_text.ts";
import { Player } from "./player.ts";
import { PublishForm } from "./publish_form.ts";
import { videoRow, type VideoAction } from "./video_row.ts";

/** What a {@link VideosView} works with. */
export interface VideosParts {
  client: DriveClient;
  notices: Notices;
  username: string;
}

/** The tab of videos: one's own, or somebody else's; the player; and the form that publishes. */
export class VideosView {
  readonly #parts: VideosParts;
  readonly #player: Player;
  readonly #form: PublishForm;
  readonly #list = find(document, "#video-list", HTMLUListElement);
  readonly #empty = find(document, "#videos-empty", HTMLElement);
  readonly #more = find(document, "#videos-more", HTMLButtonElement);
  readonly #owner = find(document, "#videos-owner", HTMLInputElement);
  #next: string | null = null;
  #loading = new AbortController();

  /** @param signal Ends the view, at sign-out. */
  constructor(parts: VideosParts, signal: AbortSignal) {
    this.#parts = parts;
    this.#player = new Player(parts, signal);
    this.#form = new PublishForm({ ...parts, onPublished: (video) => this.#onPublished(video) }, signal);
    find(document, "#videos-of", HTMLFormElement).addEventListener("submit", (event) => this.#onOwner(event), { signal });
    this.#more.addEventListener("click", () => void this.#load(this.#next), { signal });
    signal.addEventListener("abort", () => this.#end());
  }

  /** The tab is shown. */
  open(): void {
    void this.#load(null);
    void this.#form.reload();
  }

  /** The tab is left: what plays ends. */
  close(): void {
    this.#loading.abort();
    this.#player.close();
  }

  /** Whose videos are shown. */
  get #shownOwner(): string {
    return this.#owner.value.trim() || this.#parts.username;
  }

  async #load(cursor: string | null): Promise<void> {
    this.#loading.abort();
    const { signal } = (this.#loading = new AbortController());
    try {
      const { videos, next } = await this.#parts.client.videos(this.#shownOwner, cursor, signal);
      if (signal.aborted) return;
      this.#next = next;
      if (cursor === null) this.#list.replaceChildren();
      this.#list.append(...videos.map((video) => this.#rowOf(video)));
      this.#showEnd();
    } catch (error) {
      if (!signal.aborted) this.#parts.notices.error(error);
    }
  }

  #rowOf(video: DriveVideo): HTMLLIElement {
    const isOwn = video.username === this.#parts.username;
    const row: HTMLLIElement = videoRow(video, isOwn, (action) => void this.#act(action, video, row));
    return row;
  }

  #showEnd(): void {
    const isOwn = this.#shownOwner === this.#parts.username;
    this.#more.hidden = this.#next === null;
    this.#empty.hidden = this.#list.childElementCount > 0;
    setText(
      this.#empty,
      isOwn ? "Nothing here yet. The videos that you publish appear here." : `No videos of “${this.#shownOwner}”.`,
    );
  }

  async #act(action: VideoAction, video: DriveVideo, row: HTMLLIElement): Promise<void> {
    this.#parts.notices.clear();
    if (action === "watch") return this.#player.open(video);
    try {
      await this.#delete(video, row);
    } catch (error) {
      this.#parts.notices.error(error);
    }
  }

  async #delete({ id, username, title }: DriveVideo, row: HTMLLIElement): Promise<void> {
    const question = {
      heading: "Delete this video?",
      text: `“${isolate(title)}” will be gone with its comments. A file that you uploaded for it goes, too; one that you had before stays in your drive.`,
      yes: "Delete",
    };
    if (!(await confirm(question))) return;
    await this.#parts.client.deleteVideo(username, id);
    if (this.#player.id === id) this.#player.close();
    row.remove();
    find(document, "#videos-heading", HTMLElement).focus();
    this.#showEnd();
    this.#parts.notices.say(`Deleted ${title}`);
  }

  #onPublished(video: DriveVideo): void {
    this.#parts.notices.say(`Published ${video.title}`);
    this.#owner.value = "";
    void this.#load(null);
  }

  #onOwner(event: SubmitEvent): void {
    event.preventDefault();
    void this.#load(null);
  }

  #end(): void {
    this.close();
    this.#owner.value = "";
    this.#list.replaceChildren();
  }
}
