import type { DriveClient } from "../api/drive_client.ts";
import type { DriveFile, FileEvent, FilePage } from "../api/wire.ts";
import { shareDialog } from "../share/share_dialog.ts";
import { confirm } from "../ui/confirm.ts";
import { find } from "../ui/find.ts";
import { isolate } from "../ui/isolate.ts";
import type { Notices } from "../ui/notices.ts";
import { setText } from "../ui/set_text.ts";
import { FileRow, type FileAction } from "./file_row.ts";
import { renameDialog } from "./rename_dialog.ts";

const pageFiles = 50;
/** What the drive gives at once at most. */
const mostFiles = 200;
const momentMs = 250;

/** The list of the person's files: paged, searched, and kept up to date by events. */
export class FilesView {
  readonly #client: DriveClient;
  readonly #notices: Notices;
  readonly #list = find(document, "#file-list", HTMLUListElement);
  readonly #empty = find(document, "#empty", HTMLElement);
  readonly #more = find(document, "#more", HTMLButtonElement);
  readonly #search = find(document, "#search-text", HTMLInputElement);
  readonly #rows = new Map<string, FileRow>();
  #next: string | null = null;
  #loading = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param signal Ends the view, at sign-out. */
  constructor(client: DriveClient, notices: Notices, signal: AbortSignal) {
    this.#client = client;
    this.#notices = notices;
    this.#search.addEventListener("input", () => this.#soon(() => this.#load(null, pageFiles)), { signal });
    find(document, "#search", HTMLFormElement).addEventListener("submit", (event) => this.#onSearch(event), { signal });
    this.#more.addEventListener("click", () => void this.#load(this.#next, pageFiles), { signal });
    signal.addEventListener("abort", () => this.#close());
  }

  /** Loads what is shown anew, at least one page. */
  reload(): Promise<void> {
    return this.#load(null, Math.max(pageFiles, this.#rows.size));
  }

  /** As {@link reload}, once for all that happens in a moment. */
  reloadSoon(): void {
    this.#soon(() => this.reload());
  }

  /** Takes in what an event says of a file. */
  onEvent(event: FileEvent): void {
    const row = this.#rows.get(event.id);
    if ("deleted" in event) this.#remove(event.id);
    else if (row) row.show(event);
    // Where a new file stands in a search, or whether it does, is the drive's to say.
    else this.reloadSoon();
  }

  async #load(cursor: string | null, atLeast: number): Promise<void> {
    this.#loading.abort();
    const { signal } = (this.#loading = new AbortController());
    try {
      const { files, next } = await this.#fetch(cursor, atLeast, signal);
      if (signal.aborted) return;
      this.#next = next;
      if (cursor === null) this.#replace(files);
      else this.#append(files);
    } catch (error) {
      if (!signal.aborted) this.#notices.error(error);
    }
  }

  async #fetch(cursor: string | null, atLeast: number, signal: AbortSignal): Promise<FilePage> {
    const page = await this.#client.files(this.#search.value.trim(), cursor, Math.min(atLeast, mostFiles), signal);
    const missing = atLeast - page.files.length;
    if (page.next === null || missing <= 0) return page;
    const rest = await this.#fetch(page.next, missing, signal);
    return { files: [...page.files, ...rest.files], next: rest.next };
  }

  /** Rows of files that are still there stay, with the focus that may be in them. */
  #replace(files: DriveFile[]): void {
    const ids = new Set(files.map(({ id }) => id));
    for (const [id, row] of this.#rows) if (!ids.has(id)) this.#drop(id, row);
    let previous: FileRow | null = null;
    for (const file of files) {
      const row: FileRow = this.#rowOf(file);
      const place: Element | null = previous ? previous.element.nextElementSibling : this.#list.firstElementChild;
      if (place !== row.element) this.#list.insertBefore(row.element, place);
      previous = row;
    }
    this.#showEnd();
  }

  #append(files: DriveFile[]): void {
    const rows = files.map((file) => this.#rowOf(file));
    this.#list.append(...rows.map(({ element }) => element));
    // The button may be gone now: the focus goes on with what it brought.
    if (this.#next === null) rows[0]?.element.querySelector("button")?.focus();
    this.#notices.say(`${rows.length} more files`);
    this.#showEnd();
  }

  #rowOf(file: DriveFile): FileRow {
    const row = this.#rows.get(file.id) ?? new FileRow(file, (action, row) => void this.#act(action, row));
    this.#rows.set(file.id, row);
    row.show(file);
    return row;
  }

  #showEnd(): void {
    const searched = this.#search.value.trim();
    this.#more.hidden = this.#next === null;
    this.#empty.hidden = this.#rows.size > 0;
    setText(
      this.#empty,
      searched ? `No file has “${searched}” in its name.` : "Nothing here yet. The files that you upload appear here.",
    );
  }

  async #act(action: FileAction, row: FileRow): Promise<void> {
    this.#notices.clear();
    try {
      if (action === "download") await this.#download(row.file);
      else if (action === "delete") await this.#delete(row.file);
      else if (action === "share") shareDialog(row.file, this.#client);
      else renameDialog(row.file.name, (name) => this.#rename(row, name));
    } catch (error) {
      this.#notices.error(error);
    }
  }

  /** A link with `download` is no navigation: it neither stops uploads nor asks whether to leave the page. */
  async #download({ id, name }: DriveFile): Promise<void> {
    const link = document.createElement("a");
    link.href = await this.#client.downloadUrl(id);
    link.download = name;
    link.click();
  }

  async #rename(row: FileRow, name: string): Promise<void> {
    row.show(await this.#client.rename(row.file.id, name));
    this.#notices.say(`Renamed to ${row.file.name}`);
  }

  async #delete({ id, name }: DriveFile): Promise<void> {
    const question = {
      heading: "Delete this file?",
      text: `“${isolate(name)}” will be gone from your drive for good.`,
      yes: "Delete",
    };
    if (!(await confirm(question))) return;
    await this.#client.delete(id);
    this.#remove(id);
    this.#notices.say(`Deleted ${name}`);
  }

  #remove(id: string): void {
    const row = this.#rows.get(id);
    if (row) this.#drop(id, row);
    this.#showEnd();
  }

  /** A row that goes hands its focus to its neighbour, or to the heading. */
  #drop(id: string, { element }: FileRow): void {
    const focused = element.contains(document.activeElement);
    const neighbour = element.nextElementSibling ?? element.previousElementSibling;
    element.remove();
    this.#rows.delete(id);
    if (focused) (neighbour?.querySelector("button") ?? find(document, "#files-heading", HTMLElement)).focus();
  }

  #onSearch(event: SubmitEvent): void {
    event.preventDefault();
    void this.#load(null, pageFiles);
  }

  /** Loads once for all letters or events of a moment; not after the last one, which may be long in coming. */
  #soon(load: () => Promise<void>): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void load();
    }, momentMs);
  }

  #close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#loading.abort();
    this.#rows.clear();
    this.#list.replaceChildren();
    this.#search.value = "";
    this.#more.hidden = true;
    this.#empty.hidden = true;
  }
}
