import { find } from "../ui/find.ts";
import type { Notices } from "../ui/notices.ts";
import type { ListedUpload } from "./listed_upload.ts";
import { Upload } from "./upload.ts";
import type { UploadPhase } from "./upload_phase.ts";
import { UploadRow, type UploadAction } from "./upload_row.ts";
import type { Uploads, UploadsListeners } from "./uploads.ts";
import { urlDialog } from "./url_dialog.ts";

const tickMs = 1000;

/** The list of uploads, and the ways to add to it: choosing, dropping, and naming a URL. */
export class UploadsView implements UploadsListeners {
  readonly #notices: Notices;
  readonly #onDone: () => void;
  readonly #list = find(document, "#upload-list", HTMLUListElement);
  readonly #picker = find(document, "#picker", HTMLInputElement);
  readonly #clear = find(document, "#clear-done", HTMLButtonElement);
  readonly #fromUrl = find(document, "#from-url-open", HTMLButtonElement);
  readonly #rows = new Map<ListedUpload, { row: UploadRow; phase: UploadPhase }>();
  #uploads: Uploads | null = null;

  /** @param onDone Called when a file has reached the drive. */
  constructor(notices: Notices, onDone: () => void) {
    this.#notices = notices;
    this.#onDone = onDone;
  }

  /** Connects the page's controls to `uploads`, until `signal` aborts. */
  attach(uploads: Uploads, signal: AbortSignal): void {
    this.#uploads = uploads;
    this.#picker.addEventListener("change", () => this.#onPicked(uploads), { signal });
    this.#clear.addEventListener("click", () => this.#onClear(uploads), { signal });
    const addUrl = () => urlDialog((wanted) => uploads.addUrl(wanted));
    this.#fromUrl.addEventListener("click", addUrl, { signal });
    document.addEventListener("dragover", (event) => this.#onDrag(event), { signal });
    document.addEventListener("dragleave", (event) => this.#onLeave(event), { signal });
    document.addEventListener("drop", (event) => this.#onDrop(event, uploads), { signal });
    const ticking = setInterval(() => this.#tick(), tickMs);
    window.addEventListener("beforeunload", (event) => uploads.busy && event.preventDefault(), { signal });
    signal.addEventListener("abort", () => {
      clearInterval(ticking);
      this.#close();
    });
  }

  onAdded(upload: ListedUpload): void {
    const row = new UploadRow(upload, (action) => void this.#act(action, upload));
    this.#rows.set(upload, { row, phase: upload.phase });
    this.#list.append(row.element);
    this.#list.scrollTo({ top: this.#list.scrollHeight });
    // One that the drive fetches may be over before it is shown.
    if (upload.phase === "done") this.#onPhase(upload);
  }

  onChange(upload: ListedUpload): void {
    const shown = this.#rows.get(upload);
    if (!shown) return;
    shown.row.update();
    if (shown.phase === upload.phase) return;
    shown.phase = upload.phase;
    this.#onPhase(upload);
  }

  onRemoved(upload: ListedUpload): void {
    const element = this.#rows.get(upload)?.row.element;
    const focused = element?.contains(document.activeElement);
    element?.remove();
    this.#rows.delete(upload);
    this.#showClear();
    if (focused) this.#picker.focus();
  }

  onError(error: unknown): void {
    this.#notices.error(error);
  }

  #onPhase({ phase, name, note }: ListedUpload): void {
    this.#showClear();
    if (phase === "failed") this.#notices.say(`${name} failed: ${note}`);
    if (phase !== "done") return;
    this.#notices.say(`${name} is on your drive`);
    this.#onDone();
  }

  async #act(action: UploadAction, upload: ListedUpload): Promise<void> {
    if (action === "choose") this.#picker.click();
    else if (action === "pause" && upload instanceof Upload) upload.pause();
    else if ((action === "resume" || action === "retry") && upload instanceof Upload) upload.start();
    else await this.#uploads?.remove(upload);
  }

  #onPicked(uploads: Uploads): void {
    uploads.add([...(this.#picker.files ?? [])]);
    // Choosing the same file again must be a change, too.
    this.#picker.value = "";
  }

  #onClear(uploads: Uploads): void {
    uploads.clearDone();
    this.#picker.focus();
  }

  /** The whole page takes files, so that one dropped beside the box does not replace the page. */
  #onDrag(event: DragEvent): void {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
    this.#dropping(true);
  }

  #onLeave(event: DragEvent): void {
    // Only leaving the window has no element that is entered.
    if (event.relatedTarget === null) this.#dropping(false);
  }

  #onDrop(event: DragEvent, uploads: Uploads): void {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    this.#dropping(false);
    uploads.add([...event.dataTransfer.files]);
  }

  /** Speeds fall also while nothing happens that would redraw a row. */
  #tick(): void {
    for (const [upload, { row }] of this.#rows) if (upload.busy) row.update();
  }

  #dropping(on: boolean): void {
    find(document, "#drop", HTMLElement).classList.toggle("over", on);
  }

  #showClear(): void {
    const done = [...this.#rows.keys()].filter(({ phase }) => phase === "done");
    this.#clear.hidden = done.length < 2;
  }

  #close(): void {
    this.#uploads?.suspend();
    this.#rows.clear();
    this.#list.replaceChildren();
    this.#clear.hidden = true;
  }
}
