import type { DriveClient } from "../api/drive_client.ts";
import type { DriveFile, ShareOptions } from "../api/wire.ts";
import { copyText } from "../ui/copy_text.ts";
import { find } from "../ui/find.ts";
import { setText } from "../ui/set_text.ts";

/** Asks how a file is to be shared, in a dialog that stays open with the drive's objection; then shows the link. */
export function shareDialog(file: DriveFile, client: DriveClient): void {
  const dialog = find(document, "#share", HTMLDialogElement);
  const form = find(dialog, "#share-form", HTMLFormElement);
  const result = find(dialog, "#share-result", HTMLFormElement);
  const error = find(dialog, "#share-error", HTMLElement);
  const submit = find(dialog, "#share-submit", HTMLButtonElement);
  const closed = new AbortController();
  const { signal } = closed;
  const share = async (event: SubmitEvent) => {
    event.preventDefault();
    setText(error, "");
    submit.disabled = true;
    try {
      const { url } = await client.share(optionsOf(dialog, file));
      if (!signal.aborted) showLink(dialog, url);
    } catch (reason) {
      setText(error, reason instanceof Error ? reason.message : String(reason));
    } finally {
      submit.disabled = false;
    }
  };
  form.addEventListener("submit", (event) => void share(event), { signal });
  find(dialog, "#share-cancel", HTMLButtonElement).addEventListener("click", () => dialog.close(), { signal });
  find(dialog, "#share-copy", HTMLButtonElement).addEventListener("click", () => void copyLink(dialog), { signal });
  dialog.addEventListener("close", () => closed.abort(), { signal });
  setText(error, "");
  setText(find(dialog, "#share-name", HTMLElement), file.name);
  form.reset();
  form.hidden = false;
  result.hidden = true;
  dialog.showModal();
}

function optionsOf(dialog: HTMLElement, { id }: DriveFile): ShareOptions {
  const value = (selector: string) => find(dialog, selector, HTMLInputElement).value;
  const friend = value("#share-with").trim();
  const password = value("#share-password");
  const downloads = value("#share-downloads");
  const expires = find(dialog, "#share-expires", HTMLSelectElement).value;
  return {
    fileId: id,
    ...(friend !== "" && { with: friend }),
    ...(password !== "" && { password }),
    ...(downloads !== "" && { maxDownloads: Number(downloads) }),
    ...(expires !== "" && { expiresIn: Number(expires) }),
    ...(find(dialog, "#share-listed", HTMLInputElement).checked && { listed: true }),
  };
}

function showLink(dialog: HTMLElement, url: string): void {
  find(dialog, "#share-form", HTMLFormElement).hidden = true;
  find(dialog, "#share-result", HTMLFormElement).hidden = false;
  setText(find(dialog, "#share-copied", HTMLElement), "");
  const input = find(dialog, "#share-url", HTMLInputElement);
  input.value = url;
  input.focus();
  input.select();
}

async function copyLink(dialog: HTMLElement): Promise<void> {
  const input = find(dialog, "#share-url", HTMLInputElement);
  const isCopied = await copyText(input.value);
  if (!isCopied) input.select();
  setText(find(dialog, "#share-copied", HTMLElement), isCopied ? "Copied." : "It is selected: copy it.");
}
