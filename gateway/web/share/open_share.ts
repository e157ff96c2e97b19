import { ProblemError } from "../api/problem_error.ts";
import type { ShareClient } from "../api/share_client.ts";
import type { DriveShare } from "../api/wire.ts";
import { find } from "../ui/find.ts";
import { humanSize } from "../ui/human_size.ts";
import type { Notices } from "../ui/notices.ts";
import { setText } from "../ui/set_text.ts";
import { endOf } from "./end_of.ts";

/** What an {@link OpenShare} works with. */
export interface OpenShareParts {
  client: ShareClient;
  notices: Notices;
  isSignedIn: () => boolean;
}

/** The page of one share: asks for its password, shows it, downloads and saves it. */
export class OpenShare {
  readonly #parts: OpenShareParts;
  readonly #card = find(document, "#open", HTMLElement);
  readonly #locked = find(document, "#locked", HTMLElement);
  readonly #none = find(document, "#none", HTMLElement);
  readonly #input = find(document, "#password", HTMLInputElement);
  readonly #error = find(document, "#password-error", HTMLElement);
  readonly #saveButton = find(document, "#save", HTMLButtonElement);
  #password: string | null = null;
  #share: DriveShare | null = null;

  constructor(parts: OpenShareParts) {
    this.#parts = parts;
    find(document, "#password-form", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      this.#password = this.#input.value;
      void this.load();
    });
    find(document, "#download", HTMLButtonElement).addEventListener("click", () => void this.#tell(() => this.#download()));
    this.#saveButton.addEventListener("click", () => void this.#tell(() => this.#save()));
  }

  /** Asks for the share, and shows it or what stands in the way. */
  async load(): Promise<void> {
    await this.#tell(async () => {
      try {
        this.#show(await this.#parts.client.open(this.#password));
      } catch (error) {
        if (!this.#explain(error)) throw error;
      }
    });
  }

  #show(share: DriveShare): void {
    this.#share = share;
    this.#only(this.#card);
    setText(find(document, "#name", HTMLElement), share.name);
    setText(find(document, "#size", HTMLElement), humanSize(share.size));
    setText(find(document, "#owner", HTMLElement), `Shared by ${share.username}`);
    setText(find(document, "#views", HTMLElement), share.views === 1 ? "1 view" : `${share.views} views`);
    setText(find(document, "#ends", HTMLElement), endOf(share.expiresAt));
    const left = share.maxDownloads === null ? null : Math.max(0, share.maxDownloads - share.downloads);
    setText(find(document, "#left", HTMLElement), left === null ? "" : left === 1 ? "1 download left" : `${left} downloads left`);
    find(document, "#download", HTMLButtonElement).disabled = left === 0;
    this.#saveButton.disabled = left === 0;
    const isSignedIn = this.#parts.isSignedIn();
    this.#saveButton.hidden = !isSignedIn;
    find(document, "#sign-in", HTMLElement).hidden = isSignedIn;
    document.title = `${share.name} – Sluice`;
    find(document, "#open-heading", HTMLElement).focus();
  }

  /** What the drive says in place of the share. @returns whether it was that. */
  #explain(error: unknown): boolean {
    if (!(error instanceof ProblemError)) return false;
    if (error.code === "password-required") {
      this.#only(this.#locked);
      setText(this.#error, this.#password === null ? "" : "This is not the password.");
      this.#input.select();
      this.#input.focus();
      return true;
    }
    if (error.code !== "not-found" && error.code !== "share-expired") return false;
    this.#only(this.#none);
    const isOver = error.code === "share-expired";
    setText(find(document, "#none-heading", HTMLElement), isOver ? "This share is over" : "There is no such share");
    find(document, "#none-sign-in", HTMLElement).hidden = isOver || this.#parts.isSignedIn();
    find(document, "#none-heading", HTMLElement).focus();
    return true;
  }

  /** The link of an answer is good for a while; a page may be open for longer. */
  async #download(): Promise<void> {
    if (this.#share && Date.parse(this.#share.downloadUrlExpiresAt) <= Date.now() + 5000) await this.load();
    if (!this.#share) return;
    const { pathname, search } = new URL(this.#share.downloadUrl);
    const link = document.createElement("a");
    link.href = `${pathname}${search}`;
    link.download = this.#share.name;
    link.click();
  }

  async #save(): Promise<void> {
    this.#saveButton.disabled = true;
    try {
      const { name } = await this.#parts.client.save(this.#password);
      setText(find(document, "#saved", HTMLElement), `Saved in your drive as “${name}”.`);
    } finally {
      this.#saveButton.disabled = false;
    }
  }

  #only(shown: HTMLElement): void {
    for (const section of [this.#card, this.#locked, this.#none]) section.hidden = section !== shown;
  }

  async #tell(work: () => Promise<void>): Promise<void> {
    this.#parts.notices.clear();
    try {
      await work();
    } catch (error) {
      this.#parts.notices.error(error);
    }
  }
}
