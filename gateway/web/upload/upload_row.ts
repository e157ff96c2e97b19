import { humanDuration } from "../ui/human_duration.ts";
import { humanSize } from "../ui/human_size.ts";
import { makeRow } from "../ui/make_row.ts";
import { part } from "../ui/part.ts";
import { setText } from "../ui/set_text.ts";
import type { ListedUpload } from "./listed_upload.ts";
import type { UploadPhase } from "./upload_phase.ts";

/** What the person may do with an upload. */
export type UploadAction = "choose" | "pause" | "resume" | "retry" | "cancel" | "clear";

const actions = ["choose", "pause", "resume", "retry", "cancel", "clear"] as const satisfies UploadAction[];

const stateTexts: Record<UploadPhase, string> = {
  waiting: "Waiting for the file",
  queued: "Waiting for its turn",
  hashing: "Reading the file",
  checking: "Asking the drive",
  uploading: "Uploading",
  fetching: "The drive fetches it",
  verifying: "The drive verifies it",
  paused: "Paused",
  done: "Done",
  failed: "Failed",
  cancelled: "Cancelled",
};

const phaseActions: Record<UploadPhase, UploadAction[]> = {
  waiting: ["choose", "cancel"],
  queued: ["pause", "cancel"],
  hashing: ["pause", "cancel"],
  checking: ["pause", "cancel"],
  uploading: ["pause", "cancel"],
  fetching: ["cancel"],
  verifying: [],
  paused: ["resume", "cancel"],
  done: ["clear"],
  failed: ["retry", "clear"],
  cancelled: ["clear"],
};

/** One upload in the list. */
export class UploadRow {
  readonly element = makeRow("upload-row");
  readonly #upload: ListedUpload;
  #drawing = false;
  #name: string | null = null;

  constructor(upload: ListedUpload, onAction: (action: UploadAction) => void) {
    this.#upload = upload;
    for (const action of actions) part(this.element, action, HTMLButtonElement).addEventListener("click", () => onAction(action));
    this.#draw();
  }

  /** Shows the upload as it is now, at the browser's next frame at the latest. */
  update(): void {
    if (this.#drawing) return;
    this.#drawing = true;
    requestAnimationFrame(() => {
      this.#drawing = false;
      this.#draw();
    });
  }

  #draw(): void {
    const { phase, note } = this.#upload;
    this.element.dataset["phase"] = phase;
    this.#drawName();
    setText(part(this.element, "state", HTMLElement), stateTexts[phase]);
    setText(part(this.element, "detail", HTMLElement), detailOf(this.#upload));
    const noteElement = part(this.element, "note", HTMLElement);
    noteElement.hidden = note === "";
    setText(noteElement, note);
    this.#drawBar();
    this.#drawActions(phaseActions[phase].filter((action) => action !== "retry" || this.#upload.canRetry));
  }

  /** A server may call its file otherwise than its URL does. */
  #drawName(): void {
    const { name } = this.#upload;
    if (name === this.#name) return;
    this.#name = name;
    setText(part(this.element, "name", HTMLElement), name);
    part(this.element, "bar", HTMLProgressElement).setAttribute("aria-label", `Progress of ${name}`);
    for (const action of actions) {
      const button = part(this.element, action, HTMLButtonElement);
      button.setAttribute("aria-label", `${button.textContent}: ${name}`);
    }
  }

  /** A bar without a value is an indeterminate one. It stays when all is done: rows that shrink move the next row's buttons. */
  #drawBar(): void {
    const { phase, bytes, size, hasSize } = this.#upload;
    const bar = part(this.element, "bar", HTMLProgressElement);
    if (phase === "checking" || phase === "verifying" || !hasSize) bar.removeAttribute("value");
    else bar.value = phase === "done" ? 1 : bytes / Math.max(1, size);
  }

  /** When a button that has focus goes (Pause becomes Resume), the one in its place takes it. */
  #drawActions(shown: UploadAction[]): void {
    const focused = document.activeElement;
    for (const action of actions) part(this.element, action, HTMLButtonElement).hidden = !shown.includes(action);
    const first = shown[0];
    if (!(focused instanceof HTMLButtonElement) || !this.element.contains(focused) || !focused.hidden) return;
    if (first) part(this.element, first, HTMLButtonElement).focus();
  }
}

function detailOf(upload: ListedUpload): string {
  const { phase, bytes, size, instant, hasSize } = upload;
  if (phase === "done") return instant ? `${humanSize(size)}, at once: the drive has it already` : humanSize(size);
  if (phase === "fetching" && size === 0) return "";
  if (!hasSize) return `${humanSize(bytes)} so far${speedOf(upload)}`;
  if (phase !== "fetching" && phase !== "hashing" && phase !== "uploading" && phase !== "paused" && phase !== "waiting")
    return humanSize(size);
  const percent = size === 0 ? 100 : Math.floor((100 * bytes) / size);
  const isMoving = phase === "uploading" || phase === "hashing" || phase === "fetching";
  const speed = isMoving ? speedOf(upload) : "";
  return `${percent} % of ${humanSize(size)}${speed}`;
}

/** Nothing while the upload waits for a connection. */
function speedOf({ speed, bytes, size, note, hasSize }: ListedUpload): string {
  if (note !== "") return "";
  const rate = speed.bytesPerSecond();
  if (rate === null || rate <= 0) return "";
  return `, ${humanSize(rate)}/s${hasSize ? `, ${humanDuration((size - bytes) / rate)} left` : ""}`;
}
