import { find } from "./find.ts";

/** Tabs, of which one's panel is shown: `#<name>-tab` and `#<name>-panel`. As ARIA's pattern for tabs has it. */
export class Tabs<T extends string> {
  readonly #names: readonly T[];
  readonly #onSelect: (name: T) => void;

  /** @param signal Ends the listening. */
  constructor(names: readonly T[], onSelect: (name: T) => void, signal: AbortSignal) {
    this.#names = names;
    this.#onSelect = onSelect;
    for (const name of names) {
      const tab = this.#tab(name);
      tab.addEventListener("click", () => this.select(name), { signal });
      tab.addEventListener("keydown", (event) => this.#onKey(event, name), { signal });
    }
  }

  select(name: T): void {
    for (const each of this.#names) {
      const isThis = each === name;
      this.#tab(each).setAttribute("aria-selected", String(isThis));
      this.#tab(each).tabIndex = isThis ? 0 : -1;
      find(document, `#${each}-panel`, HTMLElement).hidden = !isThis;
    }
    this.#onSelect(name);
  }

  #onKey(event: KeyboardEvent, name: T): void {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    const next = this.#names.at((this.#names.indexOf(name) + step) % this.#names.length);
    if (step === 0 || next === undefined) return;
    event.preventDefault();
    this.select(next);
    this.#tab(next).focus();
  }

  #tab(name: T): HTMLButtonElement {
    return find(document, `#${name}-tab`, HTMLButtonElement);
  }
}
