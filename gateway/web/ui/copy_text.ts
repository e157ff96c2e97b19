/** Puts a text on the clipboard. @returns whether the browser let it: not on plain-http addresses, nor where a person forbids it. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Missing or forbidden: the person can still copy by hand.
    return false;
  }
}
