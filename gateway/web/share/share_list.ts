import type { ListedShare, SharePage } from "../api/wire.ts";
import { find } from "../ui/find.ts";
import type { Notices } from "../ui/notices.ts";

/** What a {@link ShareList} shows, and how. */
export interface ShareListParts<T extends ListedShare> {
  notices: Notices;
  /** Selectors of its elements; a list that has only one page has nothing for more. */
  ids: { list: string; empty: string; more?: string };
  fetch: (cursor: string | null, signal: AbortSignal) => Promise<SharePage<T>>;
  row: (share: T) => HTMLLIElement;
}

/** A list of shares, a page at a time. */
export class ShareList<T extends ListedShare> {
  readonly #parts: ShareListParts<T>;
  readonly #list: HTMLUListElement;
  readonly #empty: HTMLElement;
  readonly #more: HTMLButtonElement | null;
  #next: string | null = null;
  #loading = new AbortController();

  /** @param signal Ends the list, at sign-out. */
  constructor(parts: ShareListParts<T>, signal: AbortSignal) {
    this.#parts = parts;
    this.#list = find(document, parts.ids.list, HTMLUListElement);
    this.#empty = find(document, parts.ids.empty, HTMLElement);
    this.#more = parts.ids.more === undefined ? null : find(document, parts.ids.more, HTMLButtonElement);
    this.#more?.addEventListener("click", () => void this.#load(this.#next), { signal });
    signal.addEventListener("abort", () => this.#close());
  }

  /** Loads the first page anew. */
  reload(): void {
    void this.#load(null);
  }

  /** After a row was taken away. */
  showEnd(): void {
    if (this.#more) this.#more.hidden = this.#next === null;
    this.#empty.hidden = this.#list.childElementCount > 0;
  }

  async #load(cursor: string | null): Promise<void> {
    this.#loading.abort();
    const { signal } = (this.#loading = new AbortController());
    try {
      const { shares, next } = await this.#parts.fetch(cursor, signal);
      if (signal.aborted) return;
      this.#next = next;
      if (cursor === null) this.#list.replaceChildren();
      this.#list.append(...shares.map((share) => this.#parts.row(share)));
      this.showEnd();
    } catch (error) {
      if (!signal.aborted) this.#parts.notices.error(error);
    }
  }

  #close(): void {
    this.#loading.abort();
    this.#list.replaceChildren();
    if (this.#more) this.#more.hidden = true;
    this.#empty.hidden = true;
  }
}
