import type { DriveFile } from "../api/wire.ts";
import { humanSize } from "../ui/human_size.ts";
import { makeRow } from "../ui/make_row.ts";
import { part } from "../ui/part.ts";
import { setText } from "../ui/set_text.ts";

/** What the person may do with a file. */
export type FileAction = "download" | "share" | "rename" | "delete";

const states: Record<DriveFile["state"], string> = { spooled: "Being stored", stored: "Stored" };
const dateFormat = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

/** One file in the list. */
export class FileRow {
  readonly element = makeRow("file-row");
  #file: DriveFile;

  constructor(file: DriveFile, onAction: (action: FileAction, row: FileRow) => void) {
    this.#file = file;
    for (const action of ["download", "share", "rename", "delete"] as const) {
      part(this.element, action, HTMLButtonElement).addEventListener("click", () => onAction(action, this));
    }
    this.show(file);
  }

  get file(): DriveFile {
    return this.#file;
  }

  /** Shows the file as it is now; what has focus keeps it. */
  show(file: DriveFile): void {
    this.#file = file;
    setText(part(this.element, "name", HTMLElement), file.name);
    setText(part(this.element, "size", HTMLElement), humanSize(file.size));
    setText(part(this.element, "state", HTMLElement), states[file.state]);
    const date = part(this.element, "date", HTMLTimeElement);
    date.dateTime = file.uploadedAt;
    setText(date, dateFormat.format(new Date(file.uploadedAt)));
    for (const button of this.element.querySelectorAll("button"))
      button.setAttribute("aria-label", `${button.textContent} ${file.name}`);
  }
}
