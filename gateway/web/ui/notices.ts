import { ProblemError } from "../api/problem_error.ts";
import { find } from "./find.ts";
import { setText } from "./set_text.ts";

/** Tells the person what happened: errors in a visible alert, the rest to screen readers only. */
export class Notices {
  readonly #alert = find(document, "#alert", HTMLElement);
  readonly #text = find(document, "#alert-text", HTMLElement);
  readonly #status = find(document, "#status", HTMLElement);

  constructor() {
    find(document, "#alert-close", HTMLButtonElement).addEventListener("click", () => this.clear());
  }

  /** Shows why something failed. The end of a session is not shown twice: the sign-in form says it. */
  error(error: unknown): void {
    if (error instanceof ProblemError && error.code === "signed-out") return;
    this.alert(error instanceof Error ? error.message : String(error));
  }

  alert(text: string): void {
    this.#alert.hidden = false;
    setText(this.#text, text);
  }

  /** Says something to those who do not see it. */
  say(text: string): void {
    setText(this.#status, text);
  }

  clear(): void {
    this.#alert.hidden = true;
    setText(this.#text, "");
  }
}
