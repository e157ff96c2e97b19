import type { Session } from "../api/session.ts";
import { find } from "../ui/find.ts";
import type { Notices } from "../ui/notices.ts";
import { setText } from "../ui/set_text.ts";

/** The form that signs in and, turned over, creates an account. */
export class AccountView {
  readonly #session: Session;
  readonly #notices: Notices;
  readonly #onSignedIn: () => void;
  readonly #section = find(document, "#account", HTMLElement);
  readonly #heading = find(document, "#account-heading", HTMLElement);
  readonly #form = find(document, "#account-form", HTMLFormElement);
  readonly #username = find(document, "#account-username", HTMLInputElement);
  readonly #password = find(document, "#account-password", HTMLInputElement);
  readonly #email = find(document, "#account-email", HTMLInputElement);
  readonly #show = find(document, "#account-show", HTMLInputElement);
  readonly #submit = find(document, "#account-submit", HTMLButtonElement);
  #creating = false;

  constructor(session: Session, notices: Notices, onSignedIn: () => void) {
    this.#session = session;
    this.#notices = notices;
    this.#onSignedIn = onSignedIn;
    this.#form.addEventListener("submit", (event) => void this.#onSubmit(event));
    this.#show.addEventListener("change", () => this.#showPassword(this.#show.checked));
    find(document, "#account-switch", HTMLButtonElement).addEventListener("click", () => this.#turn(!this.#creating));
  }

  /** Shows the form for signing in. */
  open(): void {
    this.#section.hidden = false;
    this.#turn(false);
  }

  close(): void {
    this.#section.hidden = true;
    this.#form.reset();
    this.#showPassword(false);
  }

  async #onSubmit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    this.#notices.clear();
    this.#submit.disabled = true;
    try {
      await this.#send();
      this.#onSignedIn();
    } catch (error) {
      this.#notices.error(error);
    } finally {
      this.#submit.disabled = false;
    }
  }

  #send(): Promise<void> {
    const [username, password] = [this.#username.value.trim(), this.#password.value];
    if (!this.#creating) return this.#session.signIn(username, password);
    return this.#session.signUp(username, password, this.#email.value.trim());
  }

  #turn(creating: boolean): void {
    this.#creating = creating;
    setText(this.#heading, creating ? "Create an account" : "Sign in");
    setText(this.#submit, creating ? "Create the account" : "Sign in");
    setText(find(document, "#account-question", HTMLElement), creating ? "Have an account?" : "New here?");
    setText(find(document, "#account-switch", HTMLElement), creating ? "Sign in" : "Create an account");
    find(document, "#account-email-field", HTMLElement).hidden = !creating;
    find(document, "#account-hint", HTMLElement).hidden = !creating;
    // What password managers go by.
    this.#password.autocomplete = creating ? "new-password" : "current-password";
    this.#username.focus();
  }

  #showPassword(shown: boolean): void {
    this.#password.type = shown ? "text" : "password";
  }
}
