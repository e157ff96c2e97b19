/**
 * Sets an element's text where it differs: text only, never markup, whatever a file is called. What stays the same is
 * not touched, so that a selection in it survives a progress event.
 */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
