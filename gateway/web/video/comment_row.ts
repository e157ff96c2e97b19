import type { DriveComment } from "../api/wire.ts";
import { makeRow } from "../ui/make_row.ts";
import { part } from "../ui/part.ts";
import { setText } from "../ui/set_text.ts";

const dateFormat = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

/** The list item of a comment, which is text and never markup. */
export function commentRow(comment: DriveComment, mayDelete: boolean, onDelete: () => void): HTMLLIElement {
  const row = makeRow("comment-row");
  setText(part(row, "author", HTMLElement), comment.author);
  setText(part(row, "content", HTMLElement), comment.content);
  const date = part(row, "date", HTMLTimeElement);
  date.dateTime = comment.createdAt;
  setText(date, dateFormat.format(new Date(comment.createdAt)));
  const button = part(row, "delete", HTMLButtonElement);
  button.hidden = !mayDelete;
  button.setAttribute("aria-label", `Delete the comment of ${comment.author}`);
  button.addEventListener("click", onDelete);
  return row;
}
