import type { ListedShare, OwnShare } from "../api/wire.ts";
import { humanSize } from "../ui/human_size.ts";
import { makeRow } from "../ui/make_row.ts";
import { part } from "../ui/part.ts";
import { setText } from "../ui/set_text.ts";
import { endOf } from "./end_of.ts";

/** The list item of a share of this person's. */
export function ownShareRow(share: OwnShare, onAction: (action: "copy" | "end") => void): HTMLLIElement {
  const row = makeRow("share-row");
  const most = share.maxDownloads === null ? "" : ` of ${share.maxDownloads}`;
  show(row, share, {
    with: share.with === null ? (share.listed ? "Listed" : "") : `With ${share.with}`,
    password: share.hasPassword ? "Password" : "",
    views: viewsOf(share),
    downloads: `${share.downloads}${most} downloads`,
  });
  for (const action of ["copy", "end"] as const) listen(row, action, share.name, () => onAction(action));
  return row;
}

/** The list item of a share that somebody shares with this person. */
export function sharedWithRow(share: ListedShare, onSave: () => void): HTMLLIElement {
  const row = makeRow("with-row");
  show(row, share, { owner: share.username });
  listen(row, "save", share.name, onSave);
  return row;
}

/** The list item of a share that everybody may find. */
export function topShareRow(share: ListedShare): HTMLLIElement {
  const row = makeRow("top-row");
  show(row, share, { owner: share.username, views: viewsOf(share) });
  return row;
}

function viewsOf({ views }: ListedShare): string {
  return views === 1 ? "1 view" : `${views} views`;
}

function show(row: HTMLLIElement, share: ListedShare, texts: Record<string, string>): void {
  setText(part(row, "name", HTMLElement), share.name);
  setText(part(row, "size", HTMLElement), humanSize(share.size));
  setText(part(row, "expires", HTMLElement), endOf(share.expiresAt));
  for (const [name, text] of Object.entries(texts)) setText(part(row, name, HTMLElement), text);
  const link = part(row, "open", HTMLAnchorElement);
  link.href = `/s/${encodeURIComponent(share.code)}`;
  link.setAttribute("aria-label", `Open ${share.name}`);
}

function listen(row: HTMLLIElement, action: string, name: string, run: () => void): void {
  const button = part(row, action, HTMLButtonElement);
  button.setAttribute("aria-label", `${button.textContent} ${name}`);
  button.addEventListener("click", run);
}
