import { find } from "../ui/find.ts";
import { setText } from "../ui/set_text.ts";

/** What the person wants to have fetched. */
export interface WantedUrl {
  url: string;
  name?: string;
}

/**
 * Asks for a URL in a dialog, which stays open with the drive's objection until one is taken.
 *
 * @param fetch Has it fetched; what it throws is shown.
 */
export function urlDialog(fetch: (wanted: WantedUrl) => Promise<void>): void {
  const dialog = find(document, "#from-url", HTMLDialogElement);
  const form = find(dialog, "form", HTMLFormElement);
  const url = find(dialog, "#from-url-url", HTMLInputElement);
  const name = find(dialog, "#from-url-name", HTMLInputElement);
  const error = find(dialog, "#from-url-error", HTMLElement);
  const closed = new AbortController();
  const { signal } = closed;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    setText(error, "");
    fetch({ url: url.value.trim(), ...(name.value !== "" && { name: name.value }) }).then(
      () => dialog.close(),
      (reason: unknown) => setText(error, reason instanceof Error ? reason.message : String(reason)),
    );
  };
  form.addEventListener("submit", submit, { signal });
  find(dialog, "#from-url-cancel", HTMLButtonElement).addEventListener("click", () => dialog.close(), { signal });
  dialog.addEventListener("close", () => closed.abort(), { signal });
  setText(error, "");
  form.reset();
  dialog.showModal();
}
