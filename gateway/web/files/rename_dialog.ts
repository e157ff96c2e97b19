import { find } from "../ui/find.ts";
import { setText } from "../ui/set_text.ts";
import { stemLength } from "./stem_length.ts";

/**
 * Asks for a new name in a dialog, which stays open with the drive's objection until a name is taken.
 *
 * @param rename Renames; what it throws is shown.
 */
export function renameDialog(name: string, rename: (name: string) => Promise<void>): void {
  const dialog = find(document, "#rename", HTMLDialogElement);
  const form = find(dialog, "form", HTMLFormElement);
  const input = find(dialog, "#rename-name", HTMLInputElement);
  const error = find(dialog, "#rename-error", HTMLElement);
  const closed = new AbortController();
  const { signal } = closed;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    setText(error, "");
    rename(input.value).then(
      () => dialog.close(),
      (reason: unknown) => setText(error, reason instanceof Error ? reason.message : String(reason)),
    );
  };
  form.addEventListener("submit", submit, { signal });
  find(dialog, "#rename-cancel", HTMLButtonElement).addEventListener("click", () => dialog.close(), { signal });
  dialog.addEventListener("close", () => closed.abort(), { signal });
  setText(error, "");
  input.value = name;
  dialog.showModal();
  input.setSelectionRange(0, stemLength(name));
}
