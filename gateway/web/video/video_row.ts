import type { DriveVideo } from "../api/wire.ts";
import { humanDuration } from "../ui/human_duration.ts";
import { makeRow } from "../ui/make_row.ts";
import { part } from "../ui/part.ts";
import { setText } from "../ui/set_text.ts";

/** What the person may do with a video. */
export type VideoAction = "watch" | "delete";

const dateFormat = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

/** The list item of a video. */
export function videoRow(video: DriveVideo, isOwn: boolean, onAction: (action: VideoAction) => void): HTMLLIElement {
  const row = makeRow("video-row");
  setText(part(row, "title", HTMLElement), video.title);
  setText(part(row, "state", HTMLElement), stateOf(video));
  setText(part(row, "size", HTMLElement), video.width && video.height ? `${video.width} × ${video.height}` : "");
  const date = part(row, "date", HTMLTimeElement);
  date.dateTime = video.createdAt;
  setText(date, dateFormat.format(new Date(video.createdAt)));
  const watch = part(row, "watch", HTMLButtonElement);
  watch.hidden = video.state === "waiting";
  part(row, "delete", HTMLButtonElement).hidden = !isOwn;
  for (const action of ["watch", "delete"] as const) {
    const button = part(row, action, HTMLButtonElement);
    button.setAttribute("aria-label", `${button.textContent} ${video.title}`);
    button.addEventListener("click", () => onAction(action));
  }
  return row;
}

function stateOf({ state, duration }: DriveVideo): string {
  if (state === "waiting") return "Waits for its file";
  return duration === undefined ? "Ready" : humanDuration(duration);
}
