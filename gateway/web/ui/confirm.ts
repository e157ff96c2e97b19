import { find } from "./find.ts";
import { setText } from "./set_text.ts";

/** A question whose "yes" destroys something. */
export interface Question {
  heading: string;
  text: string;
  /** On the button that does it. */
  yes: string;
}

/** Asks in a dialog, with the harmless answer in focus; Escape is "no". */
export function confirm({ heading, text, yes }: Question): Promise<boolean> {
  const dialog = find(document, "#confirm", HTMLDialogElement);
  setText(find(dialog, "#confirm-heading", HTMLElement), heading);
  setText(find(dialog, "#confirm-text", HTMLElement), text);
  setText(find(dialog, "#confirm-yes", HTMLElement), yes);
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}
