import type { DriveClient } from "../api/drive_client.ts";
import type { DriveVideo } from "../api/wire.ts";
import { find } from "../ui/find.ts";
import type { Notices } from "../ui/notices.ts";

/** What a {@link PublishForm} works with. */
export interface PublishParts {
  client: DriveClient;
  notices: Notices;
  username: string;
  onPublished: (video: DriveVideo) => void;
}

/** Publishes a file that is in the drive, or one of this machine. */
export class PublishForm {
  readonly #parts: PublishParts;
  readonly #signal: AbortSignal;
  readonly #form = find(document, "#publish-form", HTMLFormElement);
  readonly #title = find(document, "#publish-title", HTMLInputElement);
  readonly #file = find(document, "#publish-file", HTMLSelectElement);
  readonly #upload = find(document, "#publish-upload", HTMLInputElement);
  readonly #bar = find(document, "#publish-progress", HTMLProgressElement);
  readonly #submit = find(document, "#publish-submit", HTMLButtonElement);

  /** @param signal Ends the form and what it sends, at sign-out. */
  constructor(parts: PublishParts, signal: AbortSignal) {
    this.#parts = parts;
    this.#signal = signal;
    this.#form.addEventListener("submit", (event) => void this.#onSubmit(event), { signal });
    this.#file.addEventListener("change", () => this.#showUpload(), { signal });
    signal.addEventListener("abort", () => this.#form.reset());
  }

  /** Offers the newest of this person's files that may be media, by their names; the drive looks at their bytes. */
  async reload(): Promise<void> {
    try {
      const { files } = await this.#parts.client.files("", null, 200, this.#signal);
      const media = files.filter(({ mime }) => /^(video|audio)\//.test(mime));
      const chosen = this.#file.value;
      this.#file.replaceChildren(new Option("A file of this machine", ""), ...media.map(({ id, name }) => new Option(name, id)));
      this.#file.value = media.some(({ id }) => id === chosen) ? chosen : "";
      this.#showUpload();
    } catch (error) {
      if (!this.#signal.aborted) this.#parts.notices.error(error);
    }
  }

  #showUpload(): void {
    this.#upload.hidden = this.#file.value !== "";
    this.#upload.required = this.#file.value === "";
  }

  async #onSubmit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    this.#parts.notices.clear();
    this.#submit.disabled = true;
    try {
      this.#parts.onPublished(await this.#publish());
      this.#form.reset();
      this.#showUpload();
    } catch (error) {
      if (!this.#signal.aborted) this.#parts.notices.error(error);
    } finally {
      this.#submit.disabled = false;
      this.#bar.hidden = true;
    }
  }

  async #publish(): Promise<DriveVideo> {
    const { client, username } = this.#parts;
    const title = this.#title.value;
    const fileId = this.#file.value;
    if (fileId !== "") return await client.publish(username, { title, fileId });
    const file = this.#upload.files?.[0];
    if (!file) throw new Error("Choose a file to publish.");
    const video = await client.publish(username, { title });
    this.#bar.hidden = false;
    try {
      return await client.sendVideo(video.id, file, (share) => (this.#bar.value = share), this.#signal);
    } catch (error) {
      // A video whose file was refused would wait for ever. Should this fail, too, it is listed as waiting; why the file
      // was refused is what the person has to hear.
      await client.deleteVideo(username, video.id).catch(() => undefined);
      throw error;
    }
  }
}
