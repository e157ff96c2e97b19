import { z } from "zod";

import { problems } from "../gateway/problem.ts";
import { fill } from "./fill.ts";
import { fromEnv } from "./from_env.ts";
import { hiddenFields } from "./hidden_fields.ts";
import template from "./sluice.conf.template" with { type: "text" };
import { type Front, frontSchema, type FrontValues } from "./values.ts";

/** What nginx drops of a gateway's answer with X-Accel-Redirect, and clients are to see. */
const restored = [
  "ETag",
  "Last-Modified",
  "Repr-Digest",
  "Content-Security-Policy",
  "X-Content-Type-Options",
  "X-Frame-Options",
  "Referrer-Policy",
  "Cross-Origin-Resource-Policy",
  "Cross-Origin-Opener-Policy",
];

/** What nginx would keep, also for an answer that is another's in the end; the gateway holds it back (gateway/file/accel.ts). */
const held = ["Accept-Ranges", "Cache-Control", "Content-Disposition", "Content-Type"];

/** The codes of what nginx itself says no with; their titles are the gateway's. */
const codes = [
  "invalid-request",
  "forbidden",
  "not-found",
  "method-not-allowed",
  "too-large",
  "range-not-satisfiable",
  "too-many-attempts",
  "too-many-streams",
  "internal",
  "unavailable",
] as const;

/** What nginx answers with a problem document, beside 429: what it refuses differs by what is asked for. */
const errors = "400 403 404 405 408 413 414 416 495 496 497 500 501 502 503 504";

/**
 * The whole nginx.conf of the front.
 *
 * @throws {Error} that names each value that is missing or wrong.
 */
export function renderConf(values: FrontValues): string {
  const parsed = frontSchema.safeParse(values);
  if (!parsed.success) throw new Error(`the front's values are wrong:\n${z.prettifyError(parsed.error)}`);
  const { nodes, stores, tls, ...rest } = parsed.data;
  return fill(template, {
    ...rest,
    nodes: Object.entries(nodes).map(([id, folder]) => ({ id, folder: folder.replace(/\/+$/, "") })),
    nodeIds: Object.keys(nodes).join(","),
    reachableStores: stores.map(({ endpoint }) => placeOf(endpoint)).join(","),
    ...storeValues(stores),
    tls: tls && { cert: tls.cert, key: tls.key, tlsListen: tls.listen, redirectPort: redirectPort(tls.listen) },
    restored: [
      ...restored.map((field) => ({ field, variable: variableOf(field) })),
      ...held.map((field) => ({ field, variable: variableOf(`X-Held-${field}`) })),
    ],
    hiddenFields,
    errors,
    titles: codes.map((code) => ({ code, title: problems[code][1] })),
  });
}

/** What a store is called between front and gateway: an origin, or a folder as `file:///srv/hot`. */
function placeOf(endpoint: string): string {
  return isFolder(endpoint) ? endpoint.replace(/\/$/, "") : new URL(endpoint).origin;
}

function isFolder(endpoint: string): boolean {
  return endpoint.startsWith("file:");
}

/** Each with its place in the list, by which the gateway names it. */
function storeValues(stores: Front["stores"]) {
  const numbered = stores.map((store, number) => ({ ...store, number }));
  return {
    folders: numbered
      .filter(({ endpoint }) => isFolder(endpoint))
      .map(({ endpoint, number }) => ({ number, folder: placeOf(endpoint).slice("file://".length) })),
    origins: numbered
      .filter(({ endpoint }) => !isFolder(endpoint))
      .map((store) => ({ number: store.number, ...originValues(store) })),
  };
}

function originValues({ endpoint, ca }: Front["stores"][number]) {
  const { protocol, host, hostname, port } = new URL(endpoint);
  const isTls = protocol === "https:";
  const address = `${hostname}:${port || (isTls ? 443 : 80)}`;
  return { scheme: isTls ? "https" : "http", host, address, name: hostname, ca: isTls ? ca : "" };
}

function variableOf(field: string): string {
  return field.toLowerCase().replaceAll("-", "_");
}

/** Where HTTPS is not on its own port, the redirection says so. */
function redirectPort([first = ""]: string[]): string {
  const port = /\d+$/.exec(first)?.[0];
  return port === "443" ? "" : `:${port}`;
}

if (import.meta.main) {
  try {
    process.stdout.write(renderConf(fromEnv(process.env)));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  }
}
