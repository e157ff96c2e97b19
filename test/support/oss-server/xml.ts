const escapes: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** Text as the content of an element. */
export function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => escapes[character] ?? character);
}

/** An element; `content` is markup where it begins with `<`, else text. */
export function element(name: string, content: string | number | boolean): string {
  const text = String(content);
  return `<${name}>${text.startsWith("<") ? text : escapeXml(text)}</${name}>`;
}

export function xmlDocument(root: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${root}\n`;
}

export function xmlResponse(root: string, headers: Record<string, string> = {}): Response {
  return new Response(xmlDocument(root), { headers: { "content-type": "application/xml", ...headers } });
}
