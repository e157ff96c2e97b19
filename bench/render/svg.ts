/** Attributes of an element; numbers are rounded to hundredths. */
export type Attributes = Record<string, string | number>;

/** An element with what is in it, which must be SVG already; text goes through {@link text}. */
export function element(name: string, attributes: Attributes, ...children: string[]): string {
  const pairs = Object.entries(attributes).map(([key, value]) => ` ${key}="${escape(valueOf(value))}"`);
  return children.length === 0 ? `<${name}${pairs.join("")}/>` : `<${name}${pairs.join("")}>${children.join("")}</${name}>`;
}

/** A line of text at a place, of one of the sheet's classes. */
export function text(x: number, y: number, words: string, attributes: Attributes = {}): string {
  return element("text", { x, y, ...attributes }, escape(words));
}

/** The colours, of which each has one for a light page and one for a dark one, each with a contrast of 3 and more to its page. */
const style = `
  svg { color-scheme: light dark; font: 12px system-ui, "DejaVu Sans", sans-serif; }
  .page { fill: #ffffff; } .ink { fill: #1f2328; } .faint { fill: #59636e; } .line { stroke: #d1d9e0; }
  .own { fill: #0969da; } .hono { fill: #bc4c00; } .nginx { fill: #1a7f37; }
  .own-line { stroke: #0969da; } .hono-line { stroke: #bc4c00; } .nginx-line { stroke: #1a7f37; }
  .title { font-size: 16px; font-weight: 600; } .small { font-size: 11px; } .end { text-anchor: end; } .middle { text-anchor: middle; }
  .curve { fill: none; stroke-width: 2; stroke-linejoin: round; } .dashed { stroke-dasharray: 5 4; }
  @media (prefers-color-scheme: dark) {
    .page { fill: #0d1117; } .ink { fill: #f0f6fc; } .faint { fill: #9198a1; } .line { stroke: #3d444d; }
    .own { fill: #4493f8; } .hono { fill: #f0883e; } .nginx { fill: #3fb950; }
    .own-line { stroke: #4493f8; } .hono-line { stroke: #f0883e; } .nginx-line { stroke: #3fb950; }
  }`;

/** A whole picture, legible on a light and on a dark page, with a title that screen readers read. */
export function sheet(width: number, height: number, title: string, children: string[]): string {
  const attributes = { xmlns: "http://www.w3.org/2000/svg", width, height, viewBox: `0 0 ${width} ${height}`, role: "img" };
  const page = element("rect", { class: "page", width, height, rx: 6 });
  return `${element("svg", attributes, element("title", {}, escape(title)), `<style>${style}\n</style>`, page, ...children)}\n`;
}

function valueOf(value: string | number): string {
  return typeof value === "number" ? String(Math.round(value * 100) / 100) : value;
}

function escape(words: string): string {
  return words.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
