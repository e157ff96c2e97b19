import { fileURLToPath } from "node:url";

/** One file of the web client, held in memory. */
export interface WebAsset {
  body: Uint8Array;
  /** Its `Content-Type`. */
  type: string;
}

/** The built web client. */
export interface WebAssets {
  /** The page of `GET /file/upload`. */
  html: string;
  /** The page of `GET /s/<code>`: the same of every share. */
  shareHtml: string;
  /** By path, such as `/assets/main-abc123.js`. A path names its content, so it may be cached for ever. */
  assets: Map<string, WebAsset>;
}

/** What the page needs; the worker is a bundle of its own, since a page gives a Worker a URL, not a module. */
const entries = ["main.ts", "share_page.ts", "hash_worker.ts", "style.css"];
const types: Record<string, string> = { ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8" };

/**
 * Bundles and minifies the web client in memory: about 30 ms, once when a page is first asked for (see `webOnDemand`).
 *
 * @throws {AggregateError} When a module does not build, with Bun's messages.
 */
export async function buildWeb(): Promise<WebAssets> {
  const built = await Bun.build({
    entrypoints: entries.map(local),
    target: "browser",
    minify: true,
    naming: "[name]-[hash].[ext]",
  });
  const assets = new Map<string, WebAsset>();
  for (const output of built.outputs) assets.set(pathOf(output), await assetOf(output));
  const pageOf = async (name: string) => fillIn(await Bun.file(local(name)).text(), [...assets.keys()]);
  return { html: await pageOf("index.html"), shareHtml: await pageOf("share.html"), assets };
}

/** The path of a file beside this module. */
function local(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

function pathOf(output: Bun.BuildArtifact): string {
  return `/assets/${output.path.slice(output.path.lastIndexOf("/") + 1)}`;
}

async function assetOf(output: Bun.BuildArtifact): Promise<WebAsset> {
  const type = types[output.path.slice(output.path.lastIndexOf("."))] ?? "application/octet-stream";
  return { body: new Uint8Array(await output.arrayBuffer()), type };
}

/** Puts each asset's path where the page says `{{name}}`. */
function fillIn(html: string, paths: string[]): string {
  return html.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const path = paths.find((candidate) => candidate.startsWith(`/assets/${name}-`));
    if (path === undefined)
      throw new Error(`build the web client: a page asks for "${name}", the bundles are ${paths.join(", ")}`);
    return path;
  });
}
